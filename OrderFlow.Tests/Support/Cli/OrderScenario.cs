using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Tests.Support.Cli;

/// <summary>Orders as customers know them, with everything that a consistent system holds of them; a test changes one thing.</summary>
public abstract class OrderScenario
{
    private protected List<KnownOrder> Known { get; } = [];

    private protected ObservedState Observed { get; set; } = new() { StockBefore = Stock(1000), StockAfter = Stock(1000) };

    private protected static Dictionary<string, int> Pieces => new() { ["item-1"] = 2 };

    private protected static Dictionary<string, long> Stock(long pieces) => new()
    {
        ["item-1"] = pieces,
        ["item-2"] = 1000 - (pieces == 999 ? 1 : 0),
    };

    private protected static OrderContent Content(bool unknownProduct) => new(Pieces, unknownProduct);

    /// <summary>A completed order, with the stock that it reserved.</summary>
    private protected Guid PlaceInStock()
    {
        var id = Place(OrderAnswer.Accepted);
        Observed = Observed with { StockAfter = Stock(998) };
        return id;
    }

    /// <summary>An order with everything that belongs to it.</summary>
    private protected Guid Place(OrderAnswer answer, bool approved = true, bool unknownProduct = false)
    {
        var (id, end, correlation) = (Guid.NewGuid(), Guid.NewGuid(), $"order-{Known.Count}");
        var (status, reason) = (unknownProduct, approved) switch
        {
            (true, _) => ("rejected", "unknown_product"),
            (_, true) => ("completed", null),
            _ => ("rejected", (string?)"payment_declined"),
        };
        var kind = status == "completed" ? "order.processed" : "order.rejected";
        Known.Add(new(correlation, answer, answer == OrderAnswer.Accepted ? id : default, Content(unknownProduct)));
        Observed = Observed with
        {
            Orders = [.. Observed.Orders, new(id, correlation, status, reason, 1, Pieces)],
            Payments = unknownProduct ? Observed.Payments : [.. Observed.Payments, new(Guid.NewGuid(), id, approved)],
            Notifications = [.. Observed.Notifications, new(end, id.ToString(), kind, IsSent: true, 1)],
            Calls = [.. Observed.Calls, new(end, id.ToString(), kind, 1)],
        };
        return id;
    }

    private protected static string Text(Discrepancies discrepancies) =>
        string.Join("; ", discrepancies.Lost.Concat(discrepancies.Doubled).Concat(discrepancies.Stuck).Concat(discrepancies.Unexplained));

    private protected Discrepancies Compare() => LedgerComparison.Of(Known, Observed);
}
