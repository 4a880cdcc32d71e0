using System.Text.Json;
using OrderFlow.Monitor.Latency;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.Components.Parts;

/// <summary>What the page of an order shows.</summary>
public sealed record OrderDetails(OrderSummary Order, double AgeMs, IReadOnlyList<OrderEvent> Events, bool Truncated, OrderLedger? Ledger)
{
    /// <summary>Events on a page.</summary>
    private const int Most = 200;

    /// <returns><see langword="null"/> when no such order is stored.</returns>
    internal static async Task<OrderDetails?> ReadAsync(
        string id, EventReader reader, HandlingReader handling, FlowReader flows, LedgerReader ledgers, MaskedFields masked,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (await flows.OfOrderAsync(id, cancellationToken) is not [var order, ..])
        {
            return null;
        }

        var stored = await reader.WholeOfOrderAsync(id, Most + 1, cancellationToken);
        var shown = stored.Count > Most ? stored.Take(Most).ToList() : stored;
        var steps = TraceStep.Of([.. shown.Select(one => one.Event)]);
        return new OrderDetails(
            order,
            order.TotalMs ?? (time.GetUtcNow() - order.StartedAt).TotalMilliseconds,
            [.. shown.Zip(steps, (one, step) => OrderEvent.Of(step, one.Headers, one.Body, masked))],
            stored.Count > Most,
            OrderLedger.Of(
                await ledgers.OfOrderAsync(order.CorrelationId, order.OrderId, cancellationToken), [.. shown.Select(one => one.Event)]))
        {
            Handling = await handling.OfOrderAsync(id, cancellationToken),
        };
    }

    /// <summary>Retries and dead letters, and what was decided about them.</summary>
    public IReadOnlyList<HandlingStep> Handling { get; init; } = [];

    /// <summary>The events that no event shown here caused.</summary>
    public IEnumerable<OrderEvent> Roots()
    {
        var ids = Events.Select(one => one.Step.Event.EventId).ToHashSet();
        return Events.Where(one => one.Step.Event.CausationId is not { } cause || !ids.Contains(cause));
    }

    public IEnumerable<OrderEvent> CausedBy(OrderEvent cause) =>
        Events.Where(one => one != cause && one.Step.Event.CausationId == cause.Step.Event.EventId);
}

/// <summary>An event with headers and body as text.</summary>
public sealed record OrderEvent(TraceStep Step, string? Headers, string? Body, string? BodyProblem)
{
    internal static OrderEvent Of(TraceStep step, string? headers, byte[] body, MaskedFields masked)
    {
        var (json, problem) = EventBodyJson.Decode(step.Event.Type, step.Event.Version, body);
        return new OrderEvent(
            step,
            Text(headers is null ? null : EventBodyJson.Parse(headers)),
            Text(json),
            problem);

        string? Text(JsonElement? element) => masked.Hide(element) is { } hidden ? PageText.Json(hidden) : null;
    }
}
