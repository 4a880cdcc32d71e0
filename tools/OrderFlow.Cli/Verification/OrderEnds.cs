using OrderFlow.Cli.Accounts;
using OrderFlow.Contracts;

namespace OrderFlow.Cli.Verification;

/// <summary>Follows one order through every database to its customer.</summary>
internal sealed class OrderEnds(ObservedState facts, Findings findings, IReadOnlySet<string> deadLettered)
{
    private readonly ILookup<Guid, PaymentRow> _payments = facts.Payments.ToLookup(payment => payment.OrderId);
    private readonly ILookup<string, NotificationRow> _notifications = facts.Notifications.ToLookup(row => row.OrderId, StringComparer.Ordinal);
    private readonly ILookup<string, WebhookCall> _calls = facts.Calls.ToLookup(call => call.OrderId, StringComparer.Ordinal);

    /// <summary>Whether the order is what was ordered, ended as it must, and was paid and told once.</summary>
    public void Compare(OrderContent ordered, OrderRow row)
    {
        if (!SamePieces(ordered.Pieces, row.Pieces))
        {
            findings.Unexplained.Add($"order {row.Id} asks for {Text(row.Pieces)}; its customer ordered {Text(ordered.Pieces)}");
        }

        ComparePayments(ordered, row);
        if (!row.HasEnded)
        {
            Miss(row, findings.Stuck, $"order {row.Id} is {row.Status}");
            return;
        }

        if (row.Ends != 1)
        {
            findings.Doubled.Add($"order {row.Id} ended {row.Ends} times by its history");
        }

        CompareNotifications(row);
    }

    /// <summary>What belongs to no order that anybody placed.</summary>
    public void CompareStrangers(IReadOnlyList<KnownOrder> known)
    {
        var correlations = known.Select(order => order.CorrelationId).ToHashSet(StringComparer.Ordinal);
        var orders = facts.Orders.Select(row => row.Id).ToHashSet();
        // An order that is lost, or a dead letter, is told of where it is missed; what else is there of it is no stranger.
        var missed = known.Where(order => order.Fate == OrderFate.Accepted).Select(order => order.OrderId).ToHashSet();
        findings.Unexplained.AddRange(facts.Orders.Where(row => !correlations.Contains(row.CorrelationId)).Select(row => $"order {row.Id} ({row.CorrelationId}) was placed by nobody"));
        findings.Unexplained.AddRange(_payments.Where(payment => !orders.Contains(payment.Key) && !missed.Contains(payment.Key)).Select(payment => $"there is a payment of order {payment.Key}, which does not exist"));
        findings.Unexplained.AddRange(Strangers(_notifications.Select(row => row.Key)).Select(id => $"there is a notification of order '{id}', which does not exist"));
        findings.Unexplained.AddRange(Strangers(_calls.Select(call => call.Key)).Select(id => $"a customer was told of order '{id}', which does not exist"));

        IEnumerable<string> Strangers(IEnumerable<string> ids) => ids.Where(id => !Guid.TryParse(id, out var order) || (!orders.Contains(order) && !missed.Contains(order)));
    }

    private void ComparePayments(OrderContent ordered, OrderRow row)
    {
        PaymentRow[] payments = [.. _payments[row.Id]];
        if (payments.Length > 1)
        {
            findings.Doubled.Add($"order {row.Id} has {payments.Length} payments");
        }

        if (ordered.IsForUnknownProduct)
        {
            if (payments.Length > 0)
            {
                findings.Unexplained.Add($"order {row.Id} is for a product that does not exist, and has a payment");
            }
            else if (row is not { Status: OrderRow.Rejected, Reason: RejectionReasons.UnknownProduct })
            {
                findings.Unexplained.Add($"order {row.Id} is for a product that does not exist, and is {row.Status} ({row.Reason})");
            }
        }
        else if (payments.Length == 0)
        {
            // One that timed out need not have one.
            if (row is { HasEnded: true, IsTimedOut: false })
            {
                findings.Lost.Add($"order {row.Id} is {row.Status} ({row.Reason}), and has no payment");
            }
        }
        else if (row.IsTimedOut || payments[0].IsRefunded || row.IsRefundRequested)
        {
            CompareRefund(row, payments[0]);
        }
        else if (row.HasEnded && (row.Status, row.Reason) != (payments[0].IsApproved ? (OrderRow.Completed, null) : (OrderRow.Rejected, RejectionReasons.PaymentDeclined)))
        {
            findings.Unexplained.Add($"order {row.Id} is {row.Status} ({row.Reason}); its payment was {(payments[0].IsApproved ? "approved" : "declined")}");
        }
    }

    /// <summary>Money is taken and kept for a completed order, and for a rejected one neither.</summary>
    private void CompareRefund(OrderRow row, PaymentRow payment)
    {
        var owed = row.Status == OrderRow.Rejected && payment.IsApproved;
        if (owed && !(payment.IsRefunded && row.IsRefunded))
        {
            Miss(row, findings.Lost, $"order {row.Id} is rejected ({row.Reason}), its payment was approved, and {(payment.IsRefunded ? "it does not know of the refund" : "is not refunded")}");
        }
        else if (!owed && (payment.IsRefunded || row.IsRefundRequested))
        {
            findings.Unexplained.Add($"order {row.Id} is {row.Status}; its payment was {(payment.IsApproved ? "approved" : "declined")}, and a refund of it {(payment.IsRefunded ? "made" : "requested")}");
        }
    }

    private void CompareNotifications(OrderRow row)
    {
        var id = row.Id.ToString();
        NotificationRow[] notes = [.. _notifications[id]];
        WebhookCall[] calls = [.. _calls[id]];
        if (notes.Length > 1 || calls.Length > 1)
        {
            findings.Doubled.Add($"the customer of order {id} was told under {calls.Length} different ids; {notes.Length} are noted");
        }

        findings.ToldAgain += calls.Sum(call => call.Times - 1);
        if (notes.Length == 0)
        {
            Miss(row, findings.Lost, $"order {id} is {row.Status}, and no notification is noted");
        }
        else if (notes.Any(note => !note.IsTold))
        {
            Miss(row, findings.Stuck, $"the notification of order {id} is still 'telling' after {notes.Max(note => note.Attempts)} attempts");
        }
        else if (calls.Length == 0)
        {
            findings.Lost.Add($"the customer of order {id} is noted as told, and heard nothing");
        }

        var kind = row.Status == OrderRow.Completed ? "order.processed" : "order.rejected";
        if (notes.Any(note => note.Kind != kind) || calls.Any(call => call.Kind != kind))
        {
            findings.Unexplained.Add($"order {id} is {row.Status}, and its customer was told {string.Join(", ", notes.Select(note => note.Kind).Concat(calls.Select(call => call.Kind)).Distinct(StringComparer.Ordinal))}");
        }
    }

    /// <summary>Something is missing: in a dead-letter queue it is seen, so neither lost nor stuck.</summary>
    private void Miss(OrderRow row, List<string> where, string what)
    {
        if (deadLettered.Contains(row.Id.ToString()))
        {
            findings.DeadLettered.Add($"{what}: an event of it is a dead letter");
        }
        else
        {
            where.Add(what);
        }
    }

    private static bool SamePieces(IReadOnlyDictionary<string, int> ordered, IReadOnlyDictionary<string, int> noted) =>
        ordered.Count == noted.Count && ordered.All(item => noted.TryGetValue(item.Key, out var quantity) && quantity == item.Value);

    private static string Text(IReadOnlyDictionary<string, int> pieces) => string.Join(" and ", pieces.Select(item => $"{item.Value} × {item.Key}"));
}
