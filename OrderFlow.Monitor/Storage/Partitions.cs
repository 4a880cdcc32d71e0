using System.Globalization;
using Npgsql;

namespace OrderFlow.Monitor.Storage;

/// <summary>The daily partitions of <c>events</c>. Several replicas may make and drop them at once: a lock of the database lets one at a time.</summary>
internal sealed class Partitions(NpgsqlDataSource database, ILogger<Partitions> logger)
{
    /// <summary>Advisory lock of whoever makes or drops partitions; the value only has to be the same in every replica.</summary>
    private const long Lock = 0x4F465041525453;

    private const string Prefix = "events_";
    private const string DateFormat = "yyyyMMdd";

    private const string Existing = """
        SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'events'::regclass
        """;

    /// <summary>Makes the partitions of the days that have none.</summary>
    public async Task MakeAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        var there = await ExistingAsync(connection, cancellationToken);
        var missing = days.Distinct().Where(day => !there.Contains(day)).ToList();
        foreach (var day in missing)
        {
            // Made apart and then attached: CREATE TABLE … PARTITION OF would keep readers out meanwhile.
            await ExecuteAsync(connection, $"CREATE TABLE {NameOf(day)} (LIKE events INCLUDING ALL)", cancellationToken);
            await ExecuteAsync(connection, $"ALTER TABLE events ATTACH PARTITION {NameOf(day)} FOR VALUES FROM ('{day:yyyy-MM-dd}') TO ('{day.AddDays(1):yyyy-MM-dd}')", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        missing.ForEach(day => Log.PartitionMade(logger, NameOf(day)));
    }

    /// <summary>Drops the partitions of the days before <paramref name="first"/>, and returns them.</summary>
    public async Task<IReadOnlyList<DateOnly>> DropBeforeAsync(DateOnly first, TimeSpan retention, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        // Dropping waits for whoever reads, and everyone after waits behind it: better to come again later.
        await ExecuteAsync(connection, "SET LOCAL lock_timeout = '5s'", cancellationToken);
        var old = (await ExistingAsync(connection, cancellationToken)).Where(day => day < first).Order().ToList();
        foreach (var day in old)
        {
            await ExecuteAsync(connection, $"DROP TABLE {NameOf(day)}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        old.ForEach(day => Log.PartitionDropped(logger, NameOf(day), retention));
        return old;
    }

    private static string NameOf(DateOnly day) => Prefix + day.ToString(DateFormat, CultureInfo.InvariantCulture);

    private static Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);

    private static async Task<HashSet<DateOnly>> ExistingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Existing, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var days = new HashSet<DateOnly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (DateOnly.TryParseExact(reader.GetString(0).AsSpan(Prefix.Length), DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                days.Add(day);
            }
        }

        return days;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Names made from dates, and constants.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
