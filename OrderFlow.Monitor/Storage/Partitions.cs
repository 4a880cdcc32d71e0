using System.Globalization;
using Npgsql;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Storage;

/// <summary>
/// The daily partitions of events, flows, traces, logs and operations; all of them have the same days. Several replicas may make and drop
/// them at once: a lock of the database lets one at a time.
/// </summary>
internal sealed class Partitions(NpgsqlDataSource database, ILogger<Partitions> logger)
{
    /// <summary>Advisory lock of whoever makes or drops partitions; the value only has to be the same in every replica.</summary>
    private const long Lock = 0x4F465041525453;

    private const string DateFormat = "yyyyMMdd";

    private const string Existing = """
        SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = ANY (ARRAY['chunks', 'foreign_ids', 'flows', 'traces', 'logs', 'operations']::regclass[])
        """;

    private static readonly string[] Tables = ["chunks", "foreign_ids", "flows", "traces", "logs", "operations"];

    /// <summary>Makes the partitions of the days that have none.</summary>
    public async Task MakeAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        var there = await ExistingAsync(connection, cancellationToken);
        var missing = days.Distinct()
            .SelectMany(day => Tables.Select(table => (Table: table, Day: day)))
            .Where(one => !there.Contains(one))
            .ToList();
        foreach (var (table, day) in missing)
        {
            // Made apart and then attached: CREATE TABLE … PARTITION OF would keep readers out meanwhile.
            await ExecuteAsync(
                connection, $"CREATE TABLE {NameOf(table, day)} (LIKE {table} INCLUDING ALL){StorageOf(table)}", cancellationToken);
            await ExecuteAsync(
                connection,
                $"ALTER TABLE {table} ATTACH PARTITION {NameOf(table, day)} FOR VALUES FROM ({BoundOf(table, day)}) TO "
                + $"({BoundOf(table, day.AddDays(1))})",
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        missing.ForEach(one => Log.PartitionMade(logger, NameOf(one.Table, one.Day)));
    }

    /// <summary>Drops the partitions of the days before <paramref name="first"/>.</summary>
    public async Task DropBeforeAsync(DateOnly first, TimeSpan retention, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        // Dropping waits for whoever reads, and everyone after waits behind it: better to come again later.
        await ExecuteAsync(connection, "SET LOCAL lock_timeout = '5s'", cancellationToken);
        var old = (await ExistingAsync(connection, cancellationToken)).Where(one => one.Day < first).Order().ToList();
        foreach (var (table, day) in old)
        {
            await ExecuteAsync(connection, $"DROP TABLE {NameOf(table, day)}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        old.ForEach(one => Log.PartitionDropped(logger, NameOf(one.Table, one.Day), retention));
    }

    /// <summary>The spans of most traces fit into a page, and are not put away elsewhere.</summary>
    private static string StorageOf(string table) => table switch
    {
        "traces" => " WITH (toast_tuple_target = 8160)",
        // Room for what comes after the first batch of a flow.
        "flows" => " WITH (fillfactor = 80)",
        _ => "",
    };

    private static string BoundOf(string table, DateOnly day) =>
        table == "chunks" ? ChunkId.First(day).ToString(CultureInfo.InvariantCulture) : $"'{day:yyyy-MM-dd}'";

    private static string NameOf(string table, DateOnly day) => $"{table}_{day.ToString(DateFormat, CultureInfo.InvariantCulture)}";

    private static Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);

    private static async Task<HashSet<(string Table, DateOnly Day)>> ExistingAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Existing, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var there = new HashSet<(string, DateOnly)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var name = reader.GetString(0);
            var end = name.LastIndexOf('_');
            if (end > 0
                && DateOnly.TryParseExact(name[(end + 1)..], DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                there.Add((name[..end], day));
            }
        }

        return there;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Names made from dates, and constants.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
