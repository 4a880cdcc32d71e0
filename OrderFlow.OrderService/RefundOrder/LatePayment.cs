using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.RefundOrder;

/// <summary>
/// Handles the answer about the payment of an order that has ended: the history of a rejected one records it, and what was charged is
/// given back.
/// </summary>
internal static class LatePayment
{
    private const string Find = "SELECT user_id, email, currency, total, status, reason FROM orders WHERE id = $1 AND payment_id = $2";

    /// <returns>The order whose payment is to be refunded; <see langword="null"/> when there is nothing to refund, or that is requested
    /// already.</returns>
    /// <exception cref="InvalidOperationException">There is no such order.</exception>
    public static async Task<SettledOrder?> RecordAsync(
        NpgsqlConnection connection, Settlement answer, CancellationToken cancellationToken)
    {
        var (order, status, reason) = await FindAsync(connection, answer, cancellationToken);
        var step = (status, reason, IsDeclined: answer.Rejection is not null) switch
        {
            (OrderStatus.Rejected, _, false) => OrderStatus.RefundRequested,
            (OrderStatus.Rejected, RejectionReasons.PaymentTimeout, true) => OrderStatus.PaymentDeclined,
            // The answer by which it ended, once more.
            _ => null,
        };
        var isNew = step is not null
            && await OrderHistory.AddOnceAsync(
                connection, answer.OrderId, step, answer.At, answer.EventId, reason: null, cancellationToken);
        return isNew && step == OrderStatus.RefundRequested ? order : null;
    }

    private static async Task<(SettledOrder Order, string Status, string? Reason)> FindAsync(
        NpgsqlConnection connection, Settlement answer, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection).With(Find, Sql.Value(answer.OrderId), Sql.Value(answer.PaymentId));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (new SettledOrder(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDecimal(3)), reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5))
            : throw OrderSettler.Unknown(answer);
    }
}
