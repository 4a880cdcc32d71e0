using Npgsql;
using OrderFlow.Messaging.Postgres.Inbox;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class InboxTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task Transactions_that_claim_the_same_events_in_opposite_orders_never_wait_in_a_circle()
    {
        await StartReplicaAsync();
        for (var round = 0; round < 10; round++)
        {
            Guid[] events = [.. Enumerable.Range(0, 3000).Select(_ => Guid.CreateVersion7())];
            using var together = new Barrier(2);

            // A circle would end one of them with a PostgresException.
            var claims = await Task.WhenAll(ClaimAsync(events, together), ClaimAsync([.. events.Reverse()], together));

            claims.Select(claim => claim.Count).Order().ShouldBe([0, events.Length]);
        }
    }

    [Fact]
    public async Task A_claim_returns_each_new_event_once_and_no_other()
    {
        await StartReplicaAsync();
        Guid known = Guid.CreateVersion7(), twin = Guid.CreateVersion7(), single = Guid.CreateVersion7();
        using var alone = new Barrier(1);
        await ClaimAsync([known], alone);

        (await ClaimAsync([twin, known, single, twin], alone)).ShouldBe([twin, single], ignoreOrder: true);
    }

    private Task<HashSet<Guid>> ClaimAsync(Guid[] events, Barrier together) => Task.Run(async () =>
    {
        await using var connection = await Database.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var begin = new NpgsqlCommand("SELECT 1", connection))
        {
            await begin.ExecuteNonQueryAsync(Cancellation);
        }

        together.SignalAndWait(TimeSpan.FromSeconds(10), Cancellation).ShouldBeTrue();
        var claimed = await InboxTable.ClaimAsync(connection, "orders", events, Cancellation);
        await transaction.CommitAsync(Cancellation);
        return claimed;
    }, Cancellation);
}
