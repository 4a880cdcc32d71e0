using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// The exchanges of every event there is. An earlier Monitor listened at them, and hid from publishers that nobody else did.
/// </summary>
internal static class EventExchanges
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. EventCatalog.WireTypes.Keys.Select(WireType.ExchangeOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
