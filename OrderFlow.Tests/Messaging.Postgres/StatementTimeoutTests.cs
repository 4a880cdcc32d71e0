using System.Collections.Concurrent;
using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>A real PostgreSQL, a real lock held by another session, and a command's time-out of one second.</summary>
public sealed class StatementTimeoutTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_whose_own_statement_times_out_ends_in_the_dead_letters_and_the_others_go_on(bool amongOthers)
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = await PrepareAsync(bus, database);
        await using var locked = await LockAsync(database, $"SELECT * FROM rows WHERE id = '{TransactionalService.Poison}' FOR UPDATE");
        var handler = await service.StartAsync(Hasty, connectionString: $"{database.ConnectionString};Command Timeout=1");
        var publisher = await bus.StartPublisherAsync();
        var ids = new List<Guid>();
        await publisher.PublishAsync(new OrderCreated { OrderId = TransactionalService.Poison }, cancellationToken: Cancellation);

        var raw = await bus.ConnectRawAsync();
        await Wait.UntilAsync("the event is a dead letter", async () =>
        {
            if (amongOthers)
            {
                var context = Flow.Start();
                ids.Add(context.EventId);
                await publisher.PublishAsync(new OrderCreated { OrderId = $"{ids.Count}" }, context, Cancellation);
            }

            return await raw.CountAsync($"{handler.Name}.dead-letters") == 1;
        });

        var dead = (await raw.GetAsync($"{handler.Name}.dead-letters")).BasicProperties;
        dead.Text(HeaderNames.DeadLetterReason).ShouldBe("handler_failed");
        dead.Text(HeaderNames.DeadLetterExceptionType).ShouldEndWith("StatementTimedOutException");
        dead.Value(HeaderNames.DeadLetterAttempts).ShouldBe(2);
        await service.EachEffectOnceAsync(ids);
    }

    [Fact]
    public async Task When_all_time_out_they_wait_and_none_is_a_dead_letter()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = await PrepareAsync(bus, database);
        var tries = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var update = service.Before;
        service.Before = (context, @event) =>
        {
            tries.AddOrUpdate(@event.OrderId, 1, (_, count) => count + 1);
            return update(context, @event);
        };
        var locked = await LockAsync(database, "LOCK TABLE rows IN ACCESS EXCLUSIVE MODE");
        var handler = await service.StartAsync(Hasty, connectionString: $"{database.ConnectionString};Command Timeout=1");
        var publisher = await bus.StartPublisherAsync();
        var outgoing = Enumerable.Range(0, 8)
            .Select(n => new OrderFlow.Messaging.Publishing.OutgoingEvent(new OrderCreated { OrderId = $"{n}" }, Flow.Start()))
            .ToList();
        await publisher.Publisher.PublishAsync(outgoing, Cancellation);

        // More often than the retries allow.
        await Wait.UntilAsync(
            () => $"each is tried four times ({string.Join(' ', tries.Values)} now)",
            () => Task.FromResult(tries.Count == 8 && tries.Values.All(count => count >= 4)),
            TimeSpan.FromSeconds(90));
        var raw = await bus.ConnectRawAsync();
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
        await locked.DisposeAsync();

        await service.EachEffectOnceAsync([.. outgoing.Select(one => one.Context.EventId)]);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
    }

    private static void Hasty(Dictionary<string, string?> settings) => settings["Messaging:Retries"] = "1";

    /// <summary>A service whose handler updates a row, and every order but one has a row of its own.</summary>
    private static async Task<TransactionalService> PrepareAsync(TestBus bus, TestDatabase database)
    {
        await database.ExecuteAsync($"CREATE TABLE rows (id text PRIMARY KEY); INSERT INTO rows VALUES ('{TransactionalService.Poison}')");
        var service = new TransactionalService(bus, database)
        {
            Before = async (context, @event) =>
            {
                const string upsert = "INSERT INTO rows VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.id";
                await using var write = new NpgsqlCommand(upsert, context.Connection)
                {
                    Parameters = { new() { Value = @event.OrderId } },
                };
                await write.ExecuteNonQueryAsync(Cancellation);
            },
        };
        await service.PrepareAsync();
        return service;
    }

    private static async Task<NpgsqlConnection> LockAsync(TestDatabase database, string sql)
    {
        var session = await database.Source.OpenConnectionAsync(Cancellation);
        await using var begin = new NpgsqlCommand($"BEGIN; {sql}", session);
        await begin.ExecuteNonQueryAsync(Cancellation);
        return session;
    }
}
