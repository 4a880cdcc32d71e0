using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Components;

/// <summary>How many events of a type were published.</summary>
/// <param name="WireType">The type.</param>
/// <param name="LastMinute">In the last minute that is over.</param>
/// <param name="LastHour">In the last 60 minutes.</param>
/// <param name="LastDay">In the last 24 hours.</param>
/// <param name="Minutes">In each of the last 60 minutes, the oldest first; the last one is not over yet.</param>
internal sealed record PublishedCount(string WireType, long LastMinute, long LastHour, long LastDay, long[] Minutes);

/// <summary>Counts what was published, by type, as far as it is stored.</summary>
internal sealed class PublishedCounts(NpgsqlDataSource database, TimeProvider time)
{
    private const int Minutes = 60;

    private const string Counts = """
        SELECT wire_type, sum(count)::bigint, array_agg((extract(epoch FROM $2 - minute) / 60)::int
            ORDER BY minute) FILTER (WHERE minute > $3),
            array_agg(count ORDER BY minute) FILTER (WHERE minute > $3)
        FROM event_counts WHERE minute > $1 GROUP BY wire_type
        """;

    /// <returns>Every type that the catalogue or the store knows, by name.</returns>
    public async Task<IReadOnlyList<PublishedCount>> ReadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var minute = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);
        var counts = EventCatalog.WireTypes.Keys.ToDictionary(
            type => type, type => new PublishedCount(type, 0, 0, 0, new long[Minutes]), StringComparer.Ordinal);
        await using var command = database.CreateCommand(Counts);
        command.Parameters.AddRange(new[] { Sql.Time(minute.AddDays(-1)), Sql.Time(minute), Sql.Time(minute.AddMinutes(-Minutes)) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var series = new long[Minutes];
            if (!reader.IsDBNull(2))
            {
                // A producer's clock may be ahead.
                foreach (var (ago, count) in reader.GetFieldValue<int[]>(2).Zip(reader.GetFieldValue<long[]>(3))
                    .Where(entry => entry.First is >= 0 and < Minutes))
                {
                    series[Minutes - 1 - ago] = count;
                }
            }

            var type = reader.GetString(0);
            counts[type] = new PublishedCount(type, series[^2], series.Sum(), reader.GetInt64(1), series);
        }

        return [.. counts.Values.OrderBy(count => count.WireType, StringComparer.Ordinal)];
    }
}
