using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;
using OrderFlow.Contracts;

namespace OrderFlow.Cli.Verification;

/// <summary>Follows one order through every database to its customer.</summary>
internal sealed class OrderComparison(ObservedState observed, Discrepancies discrepancies, IReadOnlySet<string> deadLettered)
{
    private readonly ILookup<Guid, PaymentRow> _payments = observed.Payments.ToLookup(payment => payment.OrderId);
    private readonly ILookup<string, NotificationRow> _notifications = observed.Notifications.ToLookup(
        row => row.OrderId, StringComparer.Ordinal);
    private readonly ILookup<string, WebhookCall> _calls = observed.Calls.ToLookup(call => call.OrderId, StringComparer.Ordinal);

    /// <summary>Whether the order is what was ordered, ended as it must, and was paid once and notified once.</summary>
    public void Compare(OrderContent ordered, OrderRow row)
    {
        if (!SamePieces(ordered.Pieces, row.Pieces))
        {
            discrepancies.Unexplained.Add($"order {row.Id} asks for {Text(row.Pieces)}; its customer ordered {Text(ordered.Pieces)}");
        }

        ComparePayments(ordered, row);
        if (!row.HasEnded)
        {
            Miss(row, discrepancies.Stuck, $"order {row.Id} is {row.Status}");
            return;
        }

        if (row.Ends != 1)
        {
            discrepancies.Doubled.Add($"order {row.Id} ended {row.Ends} times by its history");
        }

        CompareNotifications(row);
    }

    /// <summary>Finds what belongs to no order that anybody placed.</summary>
    public void CompareUnknownOrders(IReadOnlyList<KnownOrder> known)
    {
        var correlations = known.Select(order => order.CorrelationId).ToHashSet(StringComparer.Ordinal);
        var orders = observed.Orders.Select(row => row.Id).ToHashSet();
        // A lost order, or one that is a dead letter, is reported where it is missing; its other traces belong to a known order.
        var missed = known.Where(order => order.Answer == OrderAnswer.Accepted).Select(order => order.OrderId).ToHashSet();
        discrepancies.Unexplained.AddRange(
            observed.Orders.Where(row => !correlations.Contains(row.CorrelationId))
                .Select(row => $"order {row.Id} ({row.CorrelationId}) was placed by nobody"));
        discrepancies.Unexplained.AddRange(
            _payments.Where(payment => !orders.Contains(payment.Key) && !missed.Contains(payment.Key))
                .Select(payment => $"there is a payment of order {payment.Key}, which does not exist"));
        discrepancies.Unexplained.AddRange(
            Unknown(_notifications.Select(row => row.Key)).Select(id => $"there is a notification of order '{id}', which does not exist"));
        discrepancies.Unexplained.AddRange(
            Unknown(_calls.Select(call => call.Key)).Select(id => $"a customer was notified of order '{id}', which does not exist"));

        IEnumerable<string> Unknown(IEnumerable<string> ids) => ids.Where(
            id => !Guid.TryParse(id, out var order) || (!orders.Contains(order) && !missed.Contains(order)));
    }

    private void ComparePayments(OrderContent ordered, OrderRow row)
    {
        PaymentRow[] payments = [.. _payments[row.Id]];
        if (payments.Length > 1)
        {
            discrepancies.Doubled.Add($"order {row.Id} has {payments.Length} payments");
        }

        if (ordered.IsForUnknownProduct)
        {
            if (payments.Length > 0)
            {
                discrepancies.Unexplained.Add($"order {row.Id} is for a product that does not exist, and has a payment");
            }
            else if (row is not { Status: OrderRow.Rejected, Reason: RejectionReasons.UnknownProduct })
            {
                discrepancies.Unexplained.Add($"order {row.Id} is for a product that does not exist, and is {row.Status} ({row.Reason})");
            }
        }
        else if (payments.Length == 0)
        {
            // One that timed out need not have one.
            if (row is { HasEnded: true, IsTimedOut: false })
            {
                discrepancies.Lost.Add($"order {row.Id} is {row.Status} ({row.Reason}), and has no payment");
            }
        }
        else if (row.IsTimedOut || payments[0].IsRefunded || row.IsRefundRequested)
        {
            CompareRefund(row, payments[0]);
        }
        else if (
            row.HasEnded
                && (row.Status, row.Reason) != (
                    payments[0].IsApproved ? (OrderRow.Completed, null) : (OrderRow.Rejected, RejectionReasons.PaymentDeclined)))
        {
            discrepancies.Unexplained.Add(
                $"order {row.Id} is {row.Status} ({row.Reason}); its payment was {(payments[0].IsApproved ? "approved" : "declined")}");
        }
    }

    /// <summary>Money is taken and kept for a completed order, and for a rejected one neither.</summary>
    private void CompareRefund(OrderRow row, PaymentRow payment)
    {
        var owed = row.Status == OrderRow.Rejected && payment.IsApproved;
        if (owed && !(payment.IsRefunded && row.IsRefunded))
        {
            Miss(
                row,
                discrepancies.Lost,
                $"order {row.Id} is rejected ({row.Reason}), its payment was approved, and "
                + $"{(payment.IsRefunded ? "it does not know of the refund" : "is not refunded")}");
        }
        else if (!owed && (payment.IsRefunded || row.IsRefundRequested))
        {
            discrepancies.Unexplained.Add(
                $"order {row.Id} is {row.Status}; its payment was {(payment.IsApproved ? "approved" : "declined")}, "
                + $"and a refund of it {(payment.IsRefunded ? "made" : "requested")}");
        }
    }

    private void CompareNotifications(OrderRow row)
    {
        var id = row.Id.ToString();
        NotificationRow[] stored = [.. _notifications[id]];
        WebhookCall[] calls = [.. _calls[id]];
        if (stored.Length > 1 || calls.Length > 1)
        {
            discrepancies.Doubled.Add(
                $"the customer of order {id} was notified under {calls.Length} different ids; {stored.Length} are stored");
        }

        discrepancies.NotifiedAgain += calls.Sum(call => call.Times - 1);
        if (stored.Length == 0)
        {
            Miss(row, discrepancies.Lost, $"order {id} is {row.Status}, and no notification is stored");
        }
        else if (stored.Any(notification => !notification.IsSent))
        {
            Miss(
                row,
                discrepancies.Stuck,
                $"the notification of order {id} is still 'telling' after {stored.Max(notification => notification.Attempts)} attempts");
        }
        else if (calls.Length == 0)
        {
            discrepancies.Lost.Add($"the customer of order {id} is stored as notified, and got nothing");
        }

        var kind = row.Status == OrderRow.Completed ? EventTypes.OrderProcessed : EventTypes.OrderRejected;
        var kinds = stored.Select(notification => notification.Kind)
            .Concat(calls.Select(call => call.Kind))
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        if (kinds.Any(other => other != kind))
        {
            discrepancies.Unexplained.Add($"order {id} is {row.Status}, and its customer was notified of {string.Join(", ", kinds)}");
        }
    }

    /// <summary>Something is missing: in a dead-letter queue it is seen, so neither lost nor stuck.</summary>
    private void Miss(OrderRow row, List<string> where, string what)
    {
        if (deadLettered.Contains(row.Id.ToString()))
        {
            discrepancies.DeadLettered.Add($"{what}: an event of it is a dead letter");
        }
        else
        {
            where.Add(what);
        }
    }

    private static bool SamePieces(IReadOnlyDictionary<string, int> ordered, IReadOnlyDictionary<string, int> stored) =>
        ordered.Count == stored.Count && ordered.All(item => stored.TryGetValue(item.Key, out var quantity) && quantity == item.Value);

    private static string Text(IReadOnlyDictionary<string, int> pieces) =>
        string.Join(" and ", pieces.Select(item => $"{item.Value} × {item.Key}"));
}
