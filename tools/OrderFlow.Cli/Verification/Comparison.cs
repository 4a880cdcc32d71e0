using OrderFlow.Cli.Accounts;

namespace OrderFlow.Cli.Verification;

/// <summary>Compares what customers know with what the system says, order by order. It asks nobody: what it finds follows from what it is given.</summary>
internal sealed class Comparison
{
    private readonly ObservedState _facts;
    private readonly Findings _findings = new();
    private readonly HashSet<string> _deadLettered;

    private Comparison(ObservedState facts)
    {
        _facts = facts;
        _deadLettered = [.. facts.DeadLetters.Where(letter => letter.Mark is null).Select(letter => letter.OrderId).OfType<string>()];
    }

    public static Findings Of(IReadOnlyList<KnownOrder> known, ObservedState facts)
    {
        var comparison = new Comparison(facts);
        comparison.CompareOrders(known);
        comparison.CompareStock();
        comparison.CompareDeadLetters();
        comparison.CompareWhatIsLeft();
        return comparison._findings;
    }

    private void CompareOrders(IReadOnlyList<KnownOrder> known)
    {
        var rows = _facts.Orders.ToLookup(row => row.CorrelationId, StringComparer.Ordinal);
        var orders = new OrderEnds(_facts, _findings, _deadLettered);
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

        orders.CompareStrangers(known);
    }

    private void ExpectAbsence(KnownOrder order)
    {
        if (order.Fate != OrderFate.Accepted)
        {
            return;
        }

        if (_deadLettered.Contains(order.OrderId.ToString()))
        {
            _findings.DeadLettered.Add($"order {order.OrderId} was accepted; its order.created is a dead letter");
        }
        else
        {
            _findings.Lost.Add($"order {order.OrderId} ({order.CorrelationId}) was accepted, and is not in the orders database");
        }
    }

    private void ExpectPresence(KnownOrder order, OrderRow[] found)
    {
        if (found.Length > 1)
        {
            _findings.Doubled.Add($"{order.CorrelationId} was sent with one key and is {found.Length} orders: {string.Join(", ", found.Select(row => row.Id))}");
        }

        if (order.Fate == OrderFate.Refused)
        {
            _findings.Unexplained.Add($"order {found[0].Id} ({order.CorrelationId}) was refused, and is in the orders database nevertheless");
        }
        else if (order.Fate == OrderFate.Accepted && found.All(row => row.Id != order.OrderId))
        {
            _findings.Unexplained.Add($"{order.CorrelationId} was accepted as order {order.OrderId}, and is order {found[0].Id} in the database");
        }
        else if (order.Fate != OrderFate.Accepted)
        {
            _findings.UnknownThere++;
        }
    }

    private void CompareStock()
    {
        var reserved = _facts.Orders.Where(row => row.Status != OrderRow.Rejected)
            .SelectMany(row => row.Pieces)
            .GroupBy(line => line.Key, line => (long)line.Value, StringComparer.Ordinal)
            .ToDictionary(item => item.Key, item => item.Sum(), StringComparer.Ordinal);
        foreach (var (item, before) in _facts.StockBefore)
        {
            var expected = before - reserved.GetValueOrDefault(item);
            if (!_facts.StockAfter.TryGetValue(item, out var after))
            {
                _findings.Lost.Add($"product {item} is gone from the catalogue");
            }
            else if (after != expected)
            {
                _findings.Doubled.Add($"stock of {item} is {after}; {before} less what completed orders reserved is {expected}: {Math.Abs(after - expected)} were {(after < expected ? "reserved" : "released")} twice");
            }
        }
    }

    private void CompareDeadLetters()
    {
        var injected = _facts.Garbage.ToDictionary(piece => piece.Mark, StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var letter in _facts.DeadLetters)
        {
            if (letter.Reason.Length == 0)
            {
                _findings.Unexplained.Add($"a dead letter in {letter.Queue} ({letter.Mark ?? letter.OrderId ?? letter.Type}) says no reason");
            }

            if (letter.Mark is not { } mark)
            {
                _findings.DeadLettered.Add($"{letter.Type} of order {letter.OrderId} {(letter.IsWiped ? "was" : "is")} in {letter.Queue}{(letter.IsWiped ? " when the broker's data was wiped" : "")}: {letter.Reason}");
            }
            else if (!injected.TryGetValue(mark, out var piece) || !piece.DeadLetterQueues.Contains(letter.Queue))
            {
                _findings.Unexplained.Add($"garbage {mark} is in {letter.Queue}, where none was sent");
            }
            else if (!found.Add(mark))
            {
                _findings.GarbageTwice++;
            }
        }

        _findings.GarbageFound = found.Count;
        _findings.Lost.AddRange(injected.Keys.Where(mark => !found.Contains(mark)).Select(mark => $"garbage {mark} is not in {injected[mark].DeadLetterQueues[0]}"));
    }

    private void CompareWhatIsLeft()
    {
        _findings.Stuck.AddRange(_facts.Left.Where(left => left.Value > 0).Select(left => $"{left.Key} still holds {left.Value}"));
        _findings.Unexplained.AddRange(_facts.UnexplainedEnds);
    }
}
