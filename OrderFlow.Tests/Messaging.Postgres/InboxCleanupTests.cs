using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Inbox;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class InboxCleanupTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task Rows_older_than_the_retention_go_in_small_batches_and_younger_ones_stay()
    {
        var replica = await StartReplicaAsync();
        await Database.ExecuteAsync(
            "INSERT INTO inbox SELECT 'orders', gen_random_uuid(), now() - interval '7 days 1 minute' FROM generate_series(1, 2500)");
        await Database.ExecuteAsync(
            "INSERT INTO inbox SELECT 'orders', gen_random_uuid(), now() - interval '6 days 23 hours' FROM generate_series(1, 10)");

        await StartReplicaAsync(Parts.Cleanup);
        await StartReplicaAsync(Parts.Cleanup);

        await Wait.UntilAsync(async () => await Database.CountAsync("inbox") == 10);
        replica.Get<Microsoft.Extensions.Options.IOptions<DurabilityOptions>>().Value.InboxRetention.ShouldBe(TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task Only_one_replica_cleans_up_at_a_time()
    {
        await using var other = await Database.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await other.BeginTransactionAsync(Cancellation);
        await using var take = new Npgsql.NpgsqlCommand($"SELECT pg_advisory_xact_lock({InboxCleanup.Lock})", other);
        await take.ExecuteNonQueryAsync(Cancellation);
        var replica = await StartReplicaAsync();
        await Database.ExecuteAsync(
            "INSERT INTO inbox SELECT 'orders', gen_random_uuid(), now() - interval '8 days' FROM generate_series(1, 5)");

        (await replica.Get<InboxCleanup>().DeleteSomeAsync(Cancellation)).ShouldBeNull();
        await transaction.RollbackAsync(Cancellation);
        (await replica.Get<InboxCleanup>().DeleteSomeAsync(Cancellation)).ShouldBe(5);
    }
}
