using Npgsql;
using OrderFlow.Contracts.Http;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.OrderService.ClaimKey;

/// <summary>
/// Which order each idempotency key belongs to: to the one that was claimed first, at whichever Gateway, whether it was accepted in the
/// end or not.
/// </summary>
internal sealed class KeyClaims(NpgsqlDataSource database)
{
    /// <summary>
    /// The row is locked even where nothing changes, so that of two at the same moment the second one sees what the first one wrote.
    /// </summary>
    private const string Claim = """
        INSERT INTO idempotency_keys AS known (order_id, fingerprint, correlation_id) VALUES ($1, $2, $3)
        ON CONFLICT (order_id) DO UPDATE SET fingerprint = known.fingerprint
        RETURNING fingerprint, correlation_id, EXISTS (SELECT FROM orders WHERE id = $1)
        """;

    private const string Count = "UPDATE idempotency_keys SET counted = true WHERE order_id = $1 AND NOT counted";

    /// <summary>
    /// With the order, for a key that no Gateway could claim while this service was away; that Gateway has counted it. What is stored is
    /// what counts.
    /// </summary>
    public const string Keep = """
        INSERT INTO idempotency_keys AS known (order_id, fingerprint, correlation_id, counted) VALUES ($1, $2, $3, true)
        ON CONFLICT (order_id) DO UPDATE SET fingerprint = excluded.fingerprint, correlation_id = excluded.correlation_id
        WHERE (known.fingerprint, known.correlation_id) <> (excluded.fingerprint, excluded.correlation_id)
        """;

    public async Task<KeyClaim> ClaimAsync(Guid orderId, byte[] fingerprint, string correlationId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.AddRange(new[] { Sql.Value(orderId), Sql.Value(fingerprint), Sql.Value(correlationId) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new KeyClaim(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)), reader.GetString(1), reader.GetBoolean(2));
    }

    /// <returns>Whether it was not counted before.</returns>
    public async Task<bool> CountAsync(Guid orderId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Count);
        command.Parameters.Add(Sql.Value(orderId));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
