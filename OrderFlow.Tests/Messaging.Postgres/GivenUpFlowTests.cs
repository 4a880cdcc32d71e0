using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>A service that gives flows up.</summary>
public sealed class GivenUpFlowTests(BrokerFixture broker, PostgresFixture postgres) : IAsyncLifetime
{
    private TestBus _bus = null!;
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_bus, _database) = (await TestBus.OnAsync(broker), await postgres.CreateDatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("0", false, FlowAttempt.First, "first")]
    [InlineData("1", false, FlowAttempt.First, "retried")]
    [InlineData("1", true, FlowAttempt.First, "first")]
    [InlineData("0", false, FlowAttempt.Replayed, "replayed")]
    public async Task A_flow_that_a_handler_fails_is_a_failure_once_also_when_its_dead_letter_is_written_twice(
        string retries, bool permanent, FlowAttempt before, string label)
    {
        var handler = await StartAsync(
            (_, _, _) => throw (permanent ? new KeyNotFoundException("never") : new InvalidOperationException("broken")), retries);
        var publisher = await _bus.StartPublisherAsync();
        var context = Flow.Start() with { AggregateId = "o-1", FlowAttempt = before };

        // As after a kill between the dead letter's confirm and the acknowledgement.
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);

        await (await _bus.ConnectRawAsync()).CountIsAsync($"{handler.Name}.dead-letters", 2);
        await EndedAreAsync(handler, $"OrderCreationFlow failure {label}");
        (await _database.ScalarAsync<string>("SELECT concat_ws(' ', event_id, attempt, seconds < 60) FROM given_up_flows")).ShouldBe(
            $"{context.EventId} {label} t");
    }

    [Fact]
    public async Task Each_replay_that_fails_is_counted_beside_it()
    {
        var handler = await StartAsync((_, _, _) => throw new InvalidOperationException("broken"));
        var publisher = await _bus.StartPublisherAsync();
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, Flow.Start(), Cancellation);
        var raw = await _bus.ConnectRawAsync();
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);

        for (var failed = 2; failed <= 3; failed++)
        {
            var connections = new ConnectionFactory { Uri = new Uri(_bus.Node.ConnectionString), AutomaticRecoveryEnabled = false };
            await new DeadLetterReplay(connections, TimeProvider.System).ReplayAsync(
                handler.Name, new ReplayRequest(new ReplaySelection.All()), null, Cancellation);
            await Wait.UntilAsync(async () => await _database.CountAsync("given_up_flows") == failed);
        }

        (await EndedAsync()).ShouldBe(
            ["OrderCreationFlow failure first", "OrderCreationFlow failure replayed", "OrderCreationFlow failure replayed"]);
    }

    [Fact]
    public async Task Two_events_of_a_flow_fail_it_once()
    {
        var handler = await StartAsync((_, _, _) => throw new InvalidOperationException("broken"));
        var publisher = await _bus.StartPublisherAsync();
        var context = Flow.Start() with { AggregateId = "o-1" };

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context.Caused(TimeProvider.System), Cancellation);
        await publisher.PublishAsync(
            new OrderCreated { OrderId = "o-2" }, context.Caused(TimeProvider.System) with { AggregateId = "o-2" }, Cancellation);

        await (await _bus.ConnectRawAsync()).CountIsAsync($"{handler.Name}.dead-letters", 3);
        await EndedAreAsync(handler, "OrderCreationFlow failure first", "OrderCreationFlow failure first");
    }

    [Fact]
    public async Task An_event_after_the_end_fails_no_flow_and_one_whose_body_nobody_can_read_does()
    {
        var handler = await StartAsync((_, _, _) => throw new InvalidOperationException("broken"), afterTheEnd: true);
        var raw = await _bus.ConnectRawAsync();
        var publisher = await _bus.StartPublisherAsync();
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, Flow.Start(), Cancellation);
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        await handler.Host.StopAsync(Cancellation);
        (await EndedAsync()).ShouldBeEmpty();

        var reader = await StartAsync((_, _, _) => Task.CompletedTask, role: "reader");
        await raw.Channel.BasicPublishAsync("", reader.Name, mandatory: true, Properties(_bus.Created), new byte[] { 0xff }, Cancellation);
        await raw.Channel.BasicPublishAsync(
            "", reader.Name, mandatory: true, Properties("nobodys.type"), new byte[] { 0xff }, Cancellation);

        await raw.CountIsAsync($"{reader.Name}.dead-letters", 2);
        await EndedAreAsync(reader, "OrderCreationFlow failure first");
    }

    [Fact]
    public async Task What_the_broker_gives_up_is_a_failure_too()
    {
        var handler = await StartAsync((_, _, _) => Task.CompletedTask);
        var raw = await _bus.ConnectRawAsync();

        await raw.Channel.BasicPublishAsync(
            "", $"{handler.Name}.undelivered", mandatory: true, Properties(_bus.Created), ReadOnlyMemory<byte>.Empty, Cancellation);

        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        await EndedAreAsync(handler, "OrderCreationFlow failure first");
    }

    [Fact]
    public async Task A_flow_that_is_given_up_while_the_database_is_away_is_counted_when_it_is_back()
    {
        var handler = await StartAsync((_, _, _) => throw new InvalidOperationException("broken"));
        await _database.ExecuteAsync("ALTER TABLE given_up_flows RENAME TO away");
        var publisher = await _bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, Flow.Start(), Cancellation);
        await Wait.UntilAsync("it is tried in vain", () => handler.Logs.Lines.Any(line => line.EventId == 3023));
        await _database.ExecuteAsync("ALTER TABLE away RENAME TO given_up_flows");

        await Wait.UntilAsync(async () => await _database.CountAsync("given_up_flows") == 1);
        (await EndedAsync()).ShouldBe(["OrderCreationFlow failure first"]);
        await (await _bus.ConnectRawAsync()).CountIsAsync($"{handler.Name}.dead-letters", 1);
    }

    private static BasicProperties Properties(string type) => new()
    {
        MessageId = Guid.CreateVersion7().ToString(),
        CorrelationId = Guid.NewGuid().ToString(),
        Type = type,
        Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [HeaderNames.OriginTimestamp] = UnixMicroseconds.From(DateTimeOffset.UtcNow),
            [HeaderNames.Flow] = "OrderCreationFlow"u8.ToArray(),
        },
    };

    private Task<TestService> StartAsync(
        Func<IHandlingContext, OrderCreated, CancellationToken, Task> handle,
        string retries = "0",
        bool afterTheEnd = false,
        string role = "handler") =>
        _bus.StartAsync(
            role,
            wiring => wiring.Handles<OrderCreated, ScriptedHandler<OrderCreated>>(
                retry => _ = afterTheEnd ? retry.AfterTheEnd() : retry.PermanentOn<KeyNotFoundException>()),
            settings =>
            {
                settings["Messaging:Retries"] = retries;
                settings["Messaging:RetryDelay"] = "00:00:00.010";
                // No fold: the rows are what the test looks at.
                settings["Durability:CounterInterval"] = "00:01:00";
                settings["Durability:CounterLease"] = "00:05:00";
            },
            services =>
            {
                services.AddScript(new HandlerScript<OrderCreated>(handle));
                services.AddSingleton(new EndToEndLatency(["OrderCreationFlow"], [EndToEndLatency.Failure]));
                services.AddSingleton<IGivenUpFlowRecorder>(provider => ActivatorUtilities.CreateInstance<GivenUpFlows>(provider, "false"));
            },
            database: _database.ConnectionString);

    /// <summary>
    /// Waits for these ends, and stops the service: none comes after them. A stop before them would leave the rest to its next start,
    /// as it should.
    /// </summary>
    private async Task EndedAreAsync(TestService handler, params string[] expected)
    {
        await Wait.UntilAsync(async () => (await EndedAsync()).Count >= expected.Length);
        await handler.Host.StopAsync(Cancellation);
        (await EndedAsync()).ShouldBe(expected);
    }

    private async Task<List<string>> EndedAsync()
    {
        await using var command = _database.Source.CreateCommand("SELECT concat_ws(' ', flow, status, attempt) FROM flow_ends ORDER BY 1");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var ended = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            ended.Add(reader.GetString(0));
        }

        return ended;
    }
}
