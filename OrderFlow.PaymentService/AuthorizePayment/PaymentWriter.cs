using Npgsql;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.PaymentService.Provider;

namespace OrderFlow.PaymentService.AuthorizePayment;

/// <summary>Records the outcome of payments, each once.</summary>
internal static class PaymentWriter
{
    private const string Insert = """
        INSERT INTO payments (id, order_id, user_id, amount, currency, outcome, reason, provider, processed_at)
        SELECT id, order_id, user_id, amount, currency, outcome, reason, $8, $9
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS p (id, order_id, user_id, amount, currency, outcome, reason)
        """;

    // The update changes nothing; it makes the row that is there already come back. Only a row that was updated has an xmax.
    private const string Record = Insert + """

        ON CONFLICT (id) DO UPDATE SET id = excluded.id
        RETURNING id, outcome, reason, xmax = 0
        """;

    /// <summary>
    /// Records the answers. Nearly always they are new, and written with the commit; where one is not, the table's key refuses it, and what
    /// there is comes back the next time.
    /// </summary>
    /// <returns>What is recorded, by payment.</returns>
    public static async Task<Dictionary<Guid, RecordedAnswer>> RecordAsync(
        IBatchTransaction transaction, IReadOnlyList<(Charge Charge, ChargeAnswer Answer)> answers, string provider, DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        var recorded = new Dictionary<Guid, RecordedAnswer>(answers.Count);
        if (answers.Count > 0 && transaction.IsRetry)
        {
            await using var reader = await transaction.QueryAsync([Command(Record, answers, provider, at)], cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                recorded.Add(reader.GetGuid(0), new RecordedAnswer(AnswerOf(reader), reader.GetBoolean(3)));
            }
        }
        else if (answers.Count > 0)
        {
            transaction.Add(Command(Insert, answers, provider, at));
            foreach (var (charge, answer) in answers)
            {
                // A second one of the same payment fails with the commit.
                recorded[charge.PaymentId] = new RecordedAnswer(answer, IsNew: true);
            }
        }

        return recorded;
    }

    private static ChargeAnswer AnswerOf(NpgsqlDataReader reader) => reader.GetString(1) == Outcome(ChargeAnswer.Approved)
        ? ChargeAnswer.Approved
        : new ChargeAnswer(reader.IsDBNull(2) ? "" : reader.GetString(2));

    private static string Outcome(ChargeAnswer answer) => answer.IsApproved ? "approved" : "declined";

    private static NpgsqlBatchCommand Command(
        string sql, IReadOnlyList<(Charge Charge, ChargeAnswer Answer)> answers, string provider, DateTimeOffset at) => Sql.Command(
        sql,
        Sql.Value<Guid[]>([.. answers.Select(one => one.Charge.PaymentId)]),
        Sql.Value<Guid[]>([.. answers.Select(one => one.Charge.OrderId)]),
        Sql.Value<string[]>([.. answers.Select(one => one.Charge.UserId)]),
        Sql.Value<decimal[]>([.. answers.Select(one => one.Charge.Amount)]),
        Sql.Value<string[]>([.. answers.Select(one => one.Charge.Currency)]),
        Sql.Value<string[]>([.. answers.Select(one => Outcome(one.Answer))]),
        Sql.Value<string?[]>([.. answers.Select(one => one.Answer.DeclineReason)]),
        Sql.Value(provider),
        Sql.Value(at));
}

/// <summary>What is recorded of a payment.</summary>
/// <param name="Answer">The answer, or an earlier one.</param>
/// <param name="IsNew">Whether it was recorded now.</param>
internal sealed record RecordedAnswer(ChargeAnswer Answer, bool IsNew);
