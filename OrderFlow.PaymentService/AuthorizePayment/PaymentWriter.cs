using Npgsql;
using NpgsqlTypes;
using OrderFlow.PaymentService.Provider;

namespace OrderFlow.PaymentService.AuthorizePayment;

/// <summary>Records the outcome of a payment, once.</summary>
internal static class PaymentWriter
{
    // The update changes nothing; it makes the row that is there already come back. Only a row that was updated has an xmax.
    private const string Record = """
        INSERT INTO payments (id, order_id, user_id, amount, currency, outcome, reason, provider, processed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (id) DO UPDATE SET id = excluded.id
        RETURNING outcome, reason, xmax = 0
        """;

    /// <returns>What is recorded, the answer or an earlier one, and whether it was recorded now.</returns>
    public static async Task<(ChargeAnswer Recorded, bool IsNew)> RecordAsync(
        NpgsqlConnection connection, Charge charge, ChargeAnswer answer, string provider, DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Record, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = charge.PaymentId },
                new NpgsqlParameter<Guid> { TypedValue = charge.OrderId },
                new NpgsqlParameter<string> { TypedValue = charge.UserId },
                new NpgsqlParameter<decimal> { TypedValue = charge.Amount },
                new NpgsqlParameter<string> { TypedValue = charge.Currency },
                new NpgsqlParameter<string> { TypedValue = answer.IsApproved ? "approved" : "declined" },
                new NpgsqlParameter { Value = (object?)answer.DeclineReason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<string> { TypedValue = provider },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = at },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var recorded = reader.GetString(0) == "approved"
            ? ChargeAnswer.Approved
            : new ChargeAnswer(reader.IsDBNull(1) ? "" : reader.GetString(1));
        return (recorded, reader.GetBoolean(2));
    }
}
