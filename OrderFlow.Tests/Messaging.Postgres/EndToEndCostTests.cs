using System.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>A measurement, run by name: <c>-explicit only -class OrderFlow.Tests.Messaging.Postgres.EndToEndCostTests</c>.</summary>
public sealed class EndToEndCostTests(PostgresFixture postgres, ITestOutputHelper output) : DurabilityTest(postgres)
{
    private const int Rounds = 1000;

    [Fact(Explicit = true)]
    public async Task A_row_that_is_committed_with_and_without_the_end_of_its_flow()
    {
        await StartReplicaAsync();
        await Database.ExecuteAsync("CREATE TABLE notes (id uuid PRIMARY KEY)");
        using var latency = new EndToEndLatency(["OrderCreationFlow"], [EndToEndLatency.Success]);
        var context = EventContext.StartFlow("OrderCreationFlow", TimeProvider.System);
        var took = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        var logged = new Dictionary<bool, long> { [true] = 0, [false] = 0 };
        for (var round = -100; round < Rounds; round++)
        {
            foreach (var ends in (bool[])(round % 2 == 0 ? [true, false] : [false, true]))
            {
                var from = await LoggedAsync();
                var began = Stopwatch.GetTimestamp();
                await using (var command = Database.Source.CreateCommand(
                    "WITH told AS (INSERT INTO notes VALUES ($6) RETURNING id), "
                    + $"ended AS ({FlowEnding.Insert} SELECT $1, $2, $3, $4, $5 FROM told WHERE $1 IS NOT NULL) SELECT count(*) FROM told"))
                {
                    FlowEnding.AddTo(command.Parameters, ends ? latency.End(context, EndToEndLatency.Success, 250_000) : null);
                    command.Parameters.Add(new Npgsql.NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
                    await command.ExecuteScalarAsync(Cancellation);
                }

                if (round >= 0)
                {
                    took[ends].Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
                    logged[ends] += await LoggedAsync() - from;
                }
            }
        }

        var rows = await Database.CountAsync("flow_ends");
        await using var connection = await Database.Source.OpenConnectionAsync(Cancellation);
        var (since, at) = (await LoggedAsync(), Stopwatch.GetTimestamp());
        await FlowEndLedger.FoldAsync(connection, 10_000, Cancellation);
        output.WriteLine(
            $"median {took[true].Order().ElementAt(Rounds / 2):0} µs with, {took[false].Order().ElementAt(Rounds / 2):0} µs without; "
            + $"{logged[true] / Rounds} bytes of WAL with, {logged[false] / Rounds} without; "
            + $"a fold of {rows}: {Stopwatch.GetElapsedTime(at).TotalMilliseconds:0.0} ms, "
            + $"{(await LoggedAsync() - since) / rows} bytes of WAL a row");
        await using var begins = await Replica.StartAsync(Database.ConnectionString, Broker);
        at = Stopwatch.GetTimestamp();
        await begins.Get<EndToEndMeter>().BeginAsync([new("OrderCreationFlow", "success", "first", 0.5, 1_000_000, 400_000)], Cancellation);
        output.WriteLine($"a million flows to begin with, nobody listening: {Stopwatch.GetElapsedTime(at).TotalMilliseconds:0} ms");
    }

    private Task<long> LoggedAsync() => Database.ScalarAsync<long>("SELECT (pg_current_wal_lsn() - '0/0')::bigint");
}
