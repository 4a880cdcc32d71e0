using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

/// <summary>What the ledger says after real ways through a real broker: every microsecond, and each where it was spent.</summary>
public sealed class StageTests(BrokerFixture broker, PostgresFixture postgres)
{
    private const long Millisecond = 1000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_first_event_has_spent_its_time_before_it_was_published()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        Stages.Of((await raw.GetAsync(tap)).BasicProperties).Keys.ShouldBe(["accept"]);
    }

    [Fact]
    public async Task A_handler_adds_the_way_to_it_and_its_own_time()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await bus.StartHandlerAsync(Publishing(() => Task.Delay(30, Cancellation)));

        var stages = Stages.Of(await ProcessedAsync(bus));

        stages.Keys.ShouldBe(["accept", $"{bus.Created}/broker", $"{bus.Created}/buffer", $"{bus.Created}/handling"]);
        stages.ShouldAllBe(stage => stage.Value >= 0);
        stages[$"{bus.Created}/handling"].ShouldBeGreaterThan(25 * Millisecond);
        handler.Logs.Lines.ShouldNotContain(line => line.EventId == 2002);
    }

    [Fact]
    public async Task An_event_behind_another_waits_in_the_buffer()
    {
        await using var bus = await TestBus.OnAsync(broker);
        using var goOn = new SemaphoreSlim(0);
        var script = Publishing(() => goOn.WaitAsync(Cancellation));
        await bus.StartHandlerAsync(script, settings => settings["Messaging:Concurrency"] = "1");
        var raw = await bus.ConnectRawAsync();
        var publisher = await bus.StartPublisherAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        await publisher.PublishAsync(new OrderCreated { OrderId = "first" }, cancellationToken: Cancellation);
        await publisher.PublishAsync(new OrderCreated { OrderId = "second" }, cancellationToken: Cancellation);
        await raw.GetAsync(tap);
        await raw.GetAsync(tap);

        var since = Stopwatch.GetTimestamp();
        await script.SeesAsync(1);
        await raw.CountIsAsync(bus.NameOf("handler"), 0);
        var waited = Micros(since);
        goOn.Release(2);

        await raw.GetAsync(tap);
        var stages = Stages.Of((await raw.GetAsync(tap)).BasicProperties);
        stages[$"{bus.Created}/buffer"].ShouldBeGreaterThan(0);
        (stages[$"{bus.Created}/broker"] + stages[$"{bus.Created}/buffer"]).ShouldBeGreaterThanOrEqualTo(waited);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_and_the_outbox_have_stages_of_their_own(bool prepares)
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database)
        {
            Before = (_, _) => Task.Delay(prepares ? 0 : 30, Cancellation),
            Prepare = prepares ? _ => Task.Delay(30, Cancellation) : null,
        };
        await service.PrepareAsync();
        await service.StartAsync();

        var stages = Stages.Of(await ProcessedAsync(bus));

        stages.Keys.ShouldBe(["accept", .. Hop(bus, "broker buffer handling transaction outbox")]);
        stages.ShouldAllBe(stage => stage.Value >= 0);
        stages[$"{bus.Created}/handling"].ShouldBeGreaterThan(25 * Millisecond);
    }

    [Fact]
    public async Task What_a_crash_left_in_the_outbox_has_waited_there()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database);
        await service.PrepareAsync();
        await service.StartAsync(
            outbox: publisher => new BetweenCommitAndPublish(
                publisher, () => throw new InvalidOperationException("Nobody publishes what was committed.")));

        var stages = Stages.Of(await ProcessedAsync(bus));

        // The age at which the sweep takes a row.
        stages[$"{bus.Created}/outbox"].ShouldBeGreaterThan(490 * Millisecond);
        stages.Keys.ShouldNotContain("unaccounted");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Waits_for_a_retry_are_told_apart_from_work(bool inOrder)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((context, order, cancellationToken) => context.Event.Attempt < 4
            ? throw new InvalidOperationException("not yet")
            : context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellationToken));
        await bus.StartAsync(
            "handler",
            wiring =>
                (inOrder ? wiring.HandlesInOrder(1) : wiring)
                    .Publishes<OrderProcessed>(requireSubscriber: false).Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
            settings => (settings["Messaging:Retries"], settings["Messaging:RetryDelay"], settings["Messaging:RetryTiers"]) = (
                "1", "00:00:00.050", "300ms"),
            services => services.AddScript(script));

        var stages = Stages.Of(await ProcessedAsync(bus));

        stages.Keys.ShouldBe(["accept", .. Hop(bus, "broker buffer handling retry")], ignoreOrder: true);
        // Twice 50 ms and once 300 ms, each less its jitter.
        stages[$"{bus.Created}/retry"].ShouldBeGreaterThan((80 + 270 - 5) * Millisecond);
    }

    [Fact]
    public async Task The_time_as_a_dead_letter_is_a_stage()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var broken = true;
        var script = new HandlerScript<OrderCreated>((context, order, cancellationToken) => Volatile.Read(ref broken)
            ? throw new InvalidOperationException("broken")
            : context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellationToken));
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:Retries"] = "0");
        var raw = await bus.ConnectRawAsync();
        var publisher = await bus.StartPublisherAsync();
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        var since = Stopwatch.GetTimestamp();
        var tap = await raw.TapAsync($"{bus.Domain}.events");

        Volatile.Write(ref broken, false);
        var library = new DeadLetterReplay(new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString) }, TimeProvider.System);
        var dead = Micros(since);
        (await library.ReplayAsync(handler.Name, new ReplayRequest(new ReplaySelection.All()), null, Cancellation)).Replayed.ShouldBe(1);

        var stages = Stages.Of((await raw.GetAsync(tap)).BasicProperties);
        stages.Keys.ShouldBe(["accept", .. Hop(bus, "broker buffer handling dead_letter")]);
        stages[$"{bus.Created}/dead_letter"].ShouldBeGreaterThanOrEqualTo(dead);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no ledger at all")]
    [InlineData("2;accept=5")]
    [InlineData("1;accept=5")]
    public async Task A_ledger_that_is_missing_broken_or_of_another_event_begins_again_and_the_event_is_handled(string? header)
    {
        await using var bus = await TestBus.OnAsync(broker);
        await bus.StartHandlerAsync(Publishing(() => Task.CompletedTask));

        var stages = Stages.Of(
            await ProcessedAsync(
                bus, properties => properties.Headers![HeaderNames.Stages] = header, publishedAgo: 1000, originAgo: 251_000));

        stages.Keys.ShouldBe(["unaccounted", .. Hop(bus, "broker buffer handling")]);
        stages["unaccounted"].ShouldBe(250_000);
    }

    [Fact]
    public async Task A_wait_that_is_negative_by_the_clocks_is_shown_and_counted()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await bus.StartHandlerAsync(Publishing(() => Task.CompletedTask));
        using var measured = new MetricRecorder(handler);

        var stages = Stages.Of(
            await ProcessedAsync(
                bus,
                properties => properties.Headers![HeaderNames.Stages] = "1;accept=0",
                publishedAgo: -3_600_000_000,
                originAgo: -3_600_000_000));

        stages[$"{bus.Created}/broker"].ShouldBeLessThan(-3_000_000_000);
        measured.Sum("event.clock_skew.detected").ShouldBe(1);
    }

    private static IEnumerable<string> Hop(TestBus bus, string stages) => stages.Split(' ').Select(stage => $"{bus.Created}/{stage}");

    private static long Micros(long since) => Stopwatch.GetElapsedTime(since).Ticks / TimeSpan.TicksPerMicrosecond;

    private static HandlerScript<OrderCreated> Publishing(Func<Task> before) => new(async (context, order, cancellationToken) =>
    {
        await before();
        await context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellationToken);
    });

    /// <summary>Publishes one event, or sends it as another publisher would, and takes what its handler publishes.</summary>
    private static async Task<IReadOnlyBasicProperties> ProcessedAsync(
        TestBus bus, Action<BasicProperties>? spoil = null, long publishedAgo = 0, long originAgo = 0)
    {
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        if (spoil is null)
        {
            var publisher = await bus.StartPublisherAsync();
            await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, Flow.Start() with { AggregateId = "o-1" }, Cancellation);
            (await raw.GetAsync(tap)).BasicProperties.Type.ShouldBe(bus.Created);
        }
        else
        {
            var now = UnixMicroseconds.From(DateTimeOffset.UtcNow);
            var properties = Garbage.Good(bus);
            properties.Headers![HeaderNames.OriginTimestamp] = now - originAgo;
            properties.Headers[HeaderNames.PublishedAt] = now - publishedAgo;
            spoil(properties);
            await raw.SendAsync(bus.NameOf("handler"), properties, default);
        }

        var processed = (await raw.GetAsync(tap)).BasicProperties;
        processed.Type.ShouldBe(bus.Processed);
        return processed;
    }
}
