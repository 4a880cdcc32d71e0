using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Latency;

/// <summary>Whose work a stage is. A service handles an event if it publishes what that event causes.</summary>
/// <param name="accepts">The service that publishes the first event of a flow.</param>
/// <param name="handlers">The service that handles an event, by wire type.</param>
internal sealed class StageOwners(string? accepts, IReadOnlyDictionary<string, string> handlers)
{
    /// <summary>Whose time it is between a publisher and a consumer.</summary>
    public const string Broker = "broker";

    /// <param name="published">Of each event: what caused it, <see langword="null"/> for nothing, and who published it.</param>
    public static StageOwners Of(IEnumerable<(string? Cause, string? Source)> published)
    {
        // Should an event have several handlers, the ledger is mostly that of the one who publishes most.
        var handlers = published.Where(one => one.Source is not null)
            .GroupBy(one => one.Cause ?? "", StringComparer.Ordinal)
            .ToDictionary(
                cause => cause.Key, cause => cause.CountBy(one => one.Source!).MaxBy(source => source.Value).Key, StringComparer.Ordinal);
        return new StageOwners(handlers.GetValueOrDefault(""), handlers);
    }

    /// <summary>Who handles an event; <see langword="null"/> when nothing that is stored says so.</summary>
    public string? HandlerOf(string? hop) => hop is null ? null : handlers.GetValueOrDefault(hop);

    /// <summary>Who spends the time of a stage; <see langword="null"/> for nobody that is known.</summary>
    public string? Of(string? hop, string stage) => stage switch
    {
        StageNames.Accept => accepts,
        StageNames.Broker => Broker,
        _ => HandlerOf(hop),
    };

    /// <summary>A stage in words: who, and doing what.</summary>
    public string Describe(string? hop, string stage)
    {
        var handler = HandlerOf(hop) ?? "its handler";
        return stage switch
        {
            StageNames.Accept => $"{accepts ?? "the producer"}, accepting the order",
            StageNames.Broker => $"the broker, {hop} waiting for {handler}",
            StageNames.Buffer => $"{handler}, {hop} waiting in its buffer",
            StageNames.Handling => $"{handler}, handling {hop}",
            StageNames.Transaction => $"{handler}, the transaction of {hop}",
            StageNames.Scheduled => $"{handler}, what {hop} scheduled waiting until it is due",
            StageNames.Outbox => $"{handler}, what {hop} caused waiting in the outbox",
            StageNames.Retry => $"{handler}, {hop} waiting for another attempt",
            StageNames.DeadLetter => $"{handler}, {hop} waiting as a dead letter",
            StageNames.Unaccounted => "time that nobody accounted for",
            StageNames.Other => "stages that did not fit into the ledger",
            _ => hop is null ? stage : $"{handler}, {stage} of {hop}",
        };
    }
}
