using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;

namespace OrderFlow.Cli.Verification;

/// <summary>
/// Compares what customers know with what the system says, order by order. It reads nothing itself: the result follows from its arguments.
/// </summary>
internal sealed class LedgerComparison
{
    private readonly ObservedState _observed;
    private readonly Discrepancies _discrepancies = new();
    private readonly HashSet<string> _deadLettered;

    private LedgerComparison(ObservedState observed)
    {
        _observed = observed;
        _deadLettered = [.. observed.DeadLetters.Where(letter => letter.Mark is null).Select(letter => letter.OrderId).OfType<string>()];
    }

    public static Discrepancies Of(IReadOnlyList<KnownOrder> known, ObservedState observed)
    {
        var comparison = new LedgerComparison(observed);
        comparison.CompareOrders(known);
        comparison.CompareStock();
        comparison.CompareDeadLetters();
        comparison.CompareRemaining();
        return comparison._discrepancies;
    }

    private void CompareOrders(IReadOnlyList<KnownOrder> known)
    {
        var rows = _observed.Orders.ToLookup(row => row.CorrelationId, StringComparer.Ordinal);
        var orders = new OrderComparison(_observed, _discrepancies, _deadLettered);
        foreach (var order in known)
        {
            var found = rows[order.CorrelationId].ToArray();
            if (found.Length == 0)
            {
                ExpectAbsence(order);
            }
            else
            {
                ExpectPresence(order, found);
                foreach (var row in found)
                {
                    orders.Compare(order.Content, row);
                }
            }
        }

        orders.CompareUnknownOrders(known);
    }

    private void ExpectAbsence(KnownOrder order)
    {
        if (order.Answer != OrderAnswer.Accepted)
        {
            return;
        }

        if (_deadLettered.Contains(order.OrderId.ToString()))
        {
            _discrepancies.DeadLettered.Add($"order {order.OrderId} was accepted; its order.created is a dead letter");
        }
        else
        {
            _discrepancies.Lost.Add($"order {order.OrderId} ({order.CorrelationId}) was accepted, and is not in the orders database");
        }
    }

    private void ExpectPresence(KnownOrder order, OrderRow[] found)
    {
        if (found.Length > 1)
        {
            _discrepancies.Doubled.Add(
                $"{order.CorrelationId} was sent with one key and is {found.Length} orders: "
                + $"{string.Join(", ", found.Select(row => row.Id))}");
        }

        if (order.Answer == OrderAnswer.Refused)
        {
            _discrepancies.Unexplained.Add(
                $"order {found[0].Id} ({order.CorrelationId}) was refused, and is in the orders database nevertheless");
        }
        else if (order.Answer == OrderAnswer.Accepted && found.All(row => row.Id != order.OrderId))
        {
            _discrepancies.Unexplained.Add(
                $"{order.CorrelationId} was accepted as order {order.OrderId}, and is order {found[0].Id} in the database");
        }
        else if (order.Answer != OrderAnswer.Accepted)
        {
            _discrepancies.UnknownThere++;
        }
    }

    private void CompareStock()
    {
        var reserved = _observed.Orders.Where(row => row.Status != OrderRow.Rejected)
            .SelectMany(row => row.Pieces)
            .GroupBy(line => line.Key, line => (long)line.Value, StringComparer.Ordinal)
            .ToDictionary(item => item.Key, item => item.Sum(), StringComparer.Ordinal);
        foreach (var (item, before) in _observed.StockBefore)
        {
            var expected = before - reserved.GetValueOrDefault(item);
            if (!_observed.StockAfter.TryGetValue(item, out var after))
            {
                _discrepancies.Lost.Add($"product {item} is gone from the catalogue");
            }
            else if (after != expected)
            {
                _discrepancies.Doubled.Add(
                    $"stock of {item} is {after}; {before} less what completed orders reserved is {expected}: "
                    + $"{Math.Abs(after - expected)} were {(after < expected ? "reserved" : "released")} twice");
            }
        }
    }

    private void CompareDeadLetters()
    {
        var injected = _observed.Garbage.ToDictionary(piece => piece.Mark, StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var letter in _observed.DeadLetters)
        {
            if (letter.Reason.Length == 0)
            {
                _discrepancies.Unexplained.Add(
                    $"a dead letter in {letter.Queue} ({letter.Mark ?? letter.OrderId ?? letter.Type}) says no reason");
            }

            if (letter.Mark is not { } mark)
            {
                _discrepancies.DeadLettered.Add(
                    $"{letter.Type} of order {letter.OrderId} {(letter.IsWiped ? "was" : "is")} in "
                    + $"{letter.Queue}{(letter.IsWiped ? " when the broker's data was wiped" : "")}: {letter.Reason}");
            }
            else if (!injected.TryGetValue(mark, out var piece) || !piece.DeadLetterQueues.Contains(letter.Queue))
            {
                _discrepancies.Unexplained.Add($"garbage {mark} is in {letter.Queue}, where none was sent");
            }
            else if (!found.Add(mark))
            {
                _discrepancies.GarbageTwice++;
            }
        }

        _discrepancies.GarbageFound = found.Count;
        _discrepancies.Lost.AddRange(
            injected.Keys.Where(mark => !found.Contains(mark))
                .Select(mark => $"garbage {mark} is not in {injected[mark].DeadLetterQueues[0]}"));
    }

    private void CompareRemaining()
    {
        _discrepancies.Stuck.AddRange(
            _observed.Remaining.Where(remaining => remaining.Value > 0)
                .Select(remaining => $"{remaining.Key} still holds {remaining.Value}"));
        _discrepancies.Unexplained.AddRange(_observed.UnexplainedEnds);
    }
}
