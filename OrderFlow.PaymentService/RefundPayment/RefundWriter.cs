using Npgsql;
using OrderFlow.PaymentService.Provider;

namespace OrderFlow.PaymentService.RefundPayment;

/// <summary>Records that a payment is refunded, once.</summary>
internal static class RefundWriter
{
    private const string Find =
        "SELECT order_id, user_id, amount, currency, outcome = 'approved' AND refunded_at IS NULL FROM payments WHERE id = $1";
    private const string Record = "UPDATE payments SET refunded_at = $2 WHERE id = $1 AND refunded_at IS NULL";

    public static async Task<RefundablePayment?> FindAsync(NpgsqlDataSource database, Guid paymentId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Find);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = paymentId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new RefundablePayment(
                new Charge(paymentId, reader.GetGuid(0), reader.GetString(1), reader.GetDecimal(2), reader.GetString(3)),
                reader.GetBoolean(4))
            : null;
    }

    /// <returns>Whether it was recorded now.</returns>
    public static async Task<bool> RecordAsync(
        NpgsqlConnection connection, Guid paymentId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Record, connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = paymentId }, new NpgsqlParameter<DateTimeOffset> { TypedValue = at } },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}

/// <summary>A payment of which a refund is requested.</summary>
/// <param name="Charge">What was to be paid.</param>
/// <param name="IsOwed">Whether it was charged and not given back yet.</param>
internal sealed record RefundablePayment(Charge Charge, bool IsOwed);
