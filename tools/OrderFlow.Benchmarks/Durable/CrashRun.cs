using Npgsql;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Load;
using OrderFlow.Benchmarks.Services;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>
/// Kills a service every now and then while orders arrive, starts it again, and compares what every accepted order has left behind:
/// what a comparison of speed is worth only if nothing is lost and nothing done twice.
/// </summary>
internal static class CrashRun
{
    private const int Rate = 1500;
    private const int RateOfOthers = 150;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(600);

    /// <summary>Longer than an implementation takes to come back to what a crash left: nothing changes, so nothing will.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(string implementation, int kills, CancellationToken cancellationToken)
    {
        Prerequisites.Check(postgres: true, prometheus: false);
        await using var system = await DurableSystems.StartServicesAsync(implementation, cancellationToken);
        var rate = implementation == DurableSystems.Bare ? Rate : RateOfOthers;
        // Orders arrive as long as services are killed: each takes a second or two to be back.
        await using var load = await LoadProcess.StartAsync(new(system.GatewayPort, (2 * kills) + 4, Rate: rate), cancellationToken);
        load.Begin();
        var offered = load.ResultAsync(cancellationToken);
        await Task.Delay(Before, cancellationToken);
        for (var kill = 0; kill < kills; kill++)
        {
            var killed = DurableSystems.Services[kill % DurableSystems.Services.Count];
            Progress.Say($"killing {killed}");
            await system.CrashAsync(killed, cancellationToken);
            await Task.Delay(Between, cancellationToken);
        }

        var accepted = (await offered).Accepted;
        var left = await SettleAsync(system, cancellationToken);
        Console.WriteLine($"accepted={accepted} {string.Join(' ', left.Select(count => $"{count.Name}={count.Rows}"))}");
        if (left.Any(count => count.Rows != (count.Name is "reserved" or "ordered" ? 2 * accepted : accepted)))
        {
            throw new ComparisonException("Orders were lost, or something was done twice: the counts differ.");
        }

        Console.WriteLine($"{kills} kills: every accepted order is there, and everything was done once.");
    }

    private static async Task<IReadOnlyList<(string Name, long Rows)>> SettleAsync(
        ServicesSystem system, CancellationToken cancellationToken)
    {
        for (IReadOnlyList<(string Name, long Rows)> before = []; ;)
        {
            var now = await CountAsync(system, cancellationToken);
            if (now.SequenceEqual(before))
            {
                return now;
            }

            before = now;
            await Task.Delay(Settled, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<(string Name, long Rows)>> CountAsync(
        ServicesSystem system, CancellationToken cancellationToken)
    {
        (string Name, string Database, string Sql)[] counts =
        [
            ("orders", "orders", "SELECT count(*) FROM orders"),
            ("completed", "orders", "SELECT count(*) FROM orders WHERE status = 'completed'"),
            ("lines", "orders", "SELECT count(*) FROM order_lines"),
            ("reserved", "orders", "SELECT sum(1000000000 - stock)::bigint FROM products"),
            ("ordered", "orders", "SELECT sum(quantity) FROM order_lines"),
            ("paid", "payments", "SELECT count(DISTINCT order_id) FROM payments"),
            ("payments", "payments", "SELECT count(*) FROM payments"),
            ("notified", "notifications", "SELECT count(DISTINCT order_id) FROM notifications"),
            ("notifications", "notifications", "SELECT count(*) FROM notifications"),
        ];
        var found = new List<(string, long)>();
        foreach (var (name, database, sql) in counts)
        {
            await using var source = NpgsqlDataSource.Create(system.Database(database));
            await using var command = source.CreateCommand(sql);
            found.Add((name, await command.ExecuteScalarAsync(cancellationToken) as long? ?? 0));
        }

        return found;
    }
}
