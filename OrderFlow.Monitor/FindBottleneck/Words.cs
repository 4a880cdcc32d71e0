using OrderFlow.Messaging.Accounting;
using OrderFlow.Monitor.Pages;

namespace OrderFlow.Monitor.FindBottleneck;

/// <summary>The answers as a person would give them.</summary>
internal static class Words
{
    /// <summary>"payment-service, handling payment.requested: 2.10 s of 2.60 s (81 %)".</summary>
    public static string Bottleneck(StageBreakdown breakdown, StageOwners owners)
    {
        if (breakdown.Stages is not [var most, ..])
        {
            return $"No order with a ledger ended in the last {Format.Plural(breakdown.Minutes, "minute")}.";
        }

        var answer = $"{owners.Describe(most.Hop, most.Stage)}: {Time(most.MeanMicros)} of {Time(breakdown.MeanMicros!.Value)} ({Format.Percent(Math.Round(most.Share, 2))})";
        // Where events queue up, it is mostly for the one that takes them.
        return most is { Stage: StageNames.Broker or StageNames.Buffer, HandledBy: { } handler }
            && breakdown.Stages.FirstOrDefault(stage => stage.Hop == most.Hop && stage.Stage == StageNames.Handling) is { } handling
            ? $"{answer}; {handler} takes {Time(handling.MeanMicros)} to handle one"
            : answer;
    }

    public static string Slow(double slowMicros, double normalMicros, StageDifference most, StageOwners owners)
    {
        var more = slowMicros - normalMicros;
        return more <= 0 || most.MoreMicros <= 0 ? "The slowest 5 % took no longer than the median orders."
            : $"The slowest 5 % took {Time(slowMicros)}, {Time(more)} more than the median orders: {Time(most.MoreMicros)} more in {owners.Describe(most.Hop, most.Stage)}";
    }

    private static string Time(double micros) => Format.Ms(micros / 1000);
}
