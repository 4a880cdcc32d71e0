using System.Text;
using Npgsql;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>Finds traces, the latest first, page by page.</summary>
internal sealed class TraceSearch(NpgsqlDataSource database)
{
    public const string Columns = "trace_id, started_at, ended_at, service, name, spans, errors, services";

    /// <summary>The key of a trace begins with the hour of its begin, which an id does not say: each is looked up.</summary>
    public const string AnyHour = "hour = ANY (ARRAY[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23]::smallint[])";

    public async Task<TraceSearchResult> FindAsync(TraceQuery query, CancellationToken cancellationToken)
    {
        var parameters = new List<NpgsqlParameter>();
        var sql = new StringBuilder($"SELECT {Columns} FROM traces WHERE NOT is_part");
        Where(TraceId.Parse(query.Id), $"trace_id = {{0}} AND {AnyHour}", id => Sql.Value(id));
        Where(query.Service, "services @> ARRAY[{0}]", Sql.Text);
        // Of two names with the same hash, both are found: one in four thousand million.
        Where(
            query.Operation, "operations @> ARRAY[{0}]", operation => Sql.Value(OperationHash.Of(query.Service, operation)));
        Where(query.MinMs, "ended_at - started_at >= {0}", ms => Sql.Value(TimeSpan.FromMilliseconds(ms!.Value)));
        Where(query.From, "started_at >= {0}", from => Sql.Time(from));
        Where(query.To, "started_at < {0}", to => Sql.Time(to));
        if (query.Errors)
        {
            sql.Append(" AND errors > 0");
        }

        if (query.After is { } after)
        {
            parameters.AddRange([Sql.Time(after.StartedAt), Sql.Value(TraceId.Parse(after.TraceIdHex)!)]);
            sql.Append($" AND (started_at, trace_id) < (${parameters.Count - 1}, ${parameters.Count})");
        }

        parameters.Add(Sql.Value(query.Limit + 1));
        sql.Append($" ORDER BY started_at DESC, trace_id DESC LIMIT ${parameters.Count}");
#pragma warning disable CA2100 // Made of constants.
        await using var command = database.CreateCommand(sql.ToString());
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<TraceSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Read(reader));
        }

        return found.Count > query.Limit
            ? new TraceSearchResult(
                found[..query.Limit], new TraceKey(found[query.Limit - 1].StartedAt, found[query.Limit - 1].TraceId).ToString())
            : new TraceSearchResult(found, Next: null);

        void Where<T>(T? value, string condition, Func<T, NpgsqlParameter> parameter)
        {
            if (value is not null)
            {
                parameters.Add(parameter(value));
                sql.Append(" AND ").AppendFormat(null, condition, $"${parameters.Count}");
            }
        }
    }

    /// <summary>Reads a row of <see cref="Columns"/>.</summary>
    public static TraceSummary Read(NpgsqlDataReader reader) => new(
        TraceId.Hex(reader.GetFieldValue<byte[]>(0))!,
        reader.Time(1),
        (reader.Time(2) - reader.Time(1)).TotalMilliseconds,
        reader.GetString(3),
        reader.GetString(4),
        reader.GetInt32(5),
        reader.GetInt32(6),
        reader.GetFieldValue<string[]>(7));
}
