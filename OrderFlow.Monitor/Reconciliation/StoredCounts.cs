using System.Runtime.InteropServices;
using Npgsql;

namespace OrderFlow.Monitor.Reconciliation;

/// <summary>Events of a type that are dead letters of a consumer, and those that were discarded there.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeadLetterCount(long DeadLetters, long Discarded);

/// <summary>Counts stored events by type, and dead letters by consumer and type.</summary>
internal sealed class StoredCounts(NpgsqlDataSource database)
{
    private const string Published = """
        SELECT wire_type, sum(count)::bigint FROM (SELECT wire_type, count FROM event_counts UNION ALL SELECT wire_type, count
            FROM published_before) AS counts GROUP BY wire_type
        """;

    private const string Letters = """
        SELECT service, wire_type, count(*) FILTER (WHERE last = 'dead-lettered'), count(*) FILTER (WHERE last = 'discarded')
        FROM (
            SELECT DISTINCT ON (event_id, service) service, wire_type, kind AS last FROM handling WHERE kind <> 'retry-queued'
                ORDER BY event_id, service, at DESC) AS letters
        GROUP BY service, wire_type
        """;

    public async Task<(Dictionary<string, long> Published, Dictionary<(string Consumer, string EventType), DeadLetterCount> Letters)>
        ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(Published), new(Letters) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var published = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            published.Add(reader.GetString(0), reader.GetInt64(1));
        }

        await reader.NextResultAsync(cancellationToken);
        var letters = new Dictionary<(string, string), DeadLetterCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            letters.Add((reader.GetString(0), reader.GetString(1)), new DeadLetterCount(reader.GetInt64(2), reader.GetInt64(3)));
        }

        return (published, letters);
    }
}
