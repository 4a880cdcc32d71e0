using System.Text;
using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Orders;

/// <summary>Finds orders, the latest first, page by page.</summary>
internal sealed class OrderSearch(FlowReader flows)
{
    public async Task<OrderSearchResult> FindAsync(OrderQuery query, CancellationToken cancellationToken)
    {
        var parameters = new List<NpgsqlParameter>();
        var sql = new StringBuilder($"SELECT {FlowReader.Columns} FROM flows WHERE true");
        Where(query.OrderId, "aggregate_id = {0}", Sql.Text);
        Where(query.UserId, "user_id = {0}", Sql.Text);
        Where(query.TenantId, "tenant_id = {0}", Sql.Text);
        Where(query.Status, "status = {0}", Sql.Text);
        Where(query.From, "started_at >= {0}", from => Sql.Time(from));
        Where(query.To, "started_at < {0}", to => Sql.Time(to));
        // An order that is still open is as slow as it is old.
        Where(query.SlowerThanMs, "coalesce(ended_at, now()) - started_at > {0}", ms => Sql.Value(TimeSpan.FromMilliseconds(ms!.Value)));
        Where(query.AnyId?.Trim(), "(aggregate_id = {0} OR user_id = {0} OR correlation_id = {0})", Sql.Text);
        Where(query.MinMs, "total_micros >= {0}", ms => Sql.Value((long)(ms!.Value * 1000)));
        Where(query.MaxMs, "total_micros < {0}", ms => Sql.Value((long)(ms!.Value * 1000)));
        Where(query.EndedFrom, "ended_at >= {0}", from => Sql.Time(from));
        Where(query.EndedTo, "ended_at < {0}", to => Sql.Time(to));
        if (query.After is { } after)
        {
            parameters.AddRange([Sql.Time(after.StartedAt), Sql.Text(after.CorrelationId), Sql.Text(after.AggregateId)]);
            sql.Append(
                $" AND (started_at, correlation_id, aggregate_id) < (${parameters.Count - 2}, ${parameters.Count - 1}, "
                + $"${parameters.Count})");
        }

        parameters.Add(Sql.Value(query.Limit + 1));
        sql.Append($" ORDER BY started_at DESC, correlation_id DESC, aggregate_id DESC LIMIT ${parameters.Count}");
        var found = await flows.ReadAsync(sql.ToString(), [.. parameters], cancellationToken);
        return found.Count > query.Limit
            ? new OrderSearchResult(found[..query.Limit], PageKey.Of(found[query.Limit - 1]).ToString())
            : new OrderSearchResult(found, Next: null);

        void Where<T>(T? value, string condition, Func<T, NpgsqlParameter> parameter)
        {
            if (value is not null)
            {
                parameters.Add(parameter(value));
                sql.Append(" AND ").AppendFormat(null, condition, $"${parameters.Count}");
            }
        }
    }
}
