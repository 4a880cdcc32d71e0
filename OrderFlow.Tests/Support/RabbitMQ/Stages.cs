using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>The ledger that a message carries.</summary>
internal static class Stages
{
    /// <summary>
    /// The stages of a message that was just published, summed up by name; they must make the time from its origin to then.
    /// </summary>
    public static Dictionary<string, long> Of(IReadOnlyBasicProperties properties) =>
        Of(properties, (long)properties.Value(HeaderNames.PublishedAt)! - (long)properties.Value(HeaderNames.OriginTimestamp)!);

    public static Dictionary<string, long> Of(IReadOnlyBasicProperties properties, long micros)
    {
        var header = properties.Text(HeaderNames.Stages).ShouldNotBeNull();
        var ledger = FlowLedger.Read(header).ShouldNotBeNull(header);
        ledger.TotalMicros.ShouldBe(micros, header);
        ledger.Entries.Sum(entry => entry.Micros).ShouldBe(micros, header);
        return ledger.Entries.GroupBy(entry => entry.Name, StringComparer.Ordinal).ToDictionary(
            group => group.Key, group => group.Sum(entry => entry.Micros), StringComparer.Ordinal);
    }
}
