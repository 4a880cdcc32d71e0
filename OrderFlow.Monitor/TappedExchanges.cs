using OrderFlow.Contracts;
using OrderFlow.Messaging.Noticing;

namespace OrderFlow.Monitor;

/// <summary>The exchanges that the Monitor listens to: those of every event there is, and that of the notices.</summary>
internal static class TappedExchanges
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. EventCatalog.WireTypes.Keys.Select(wireType => $"{wireType[..wireType.IndexOf('.', StringComparison.Ordinal)]}.events").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        NoticeNames.Exchange,
    ];
}
