using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Latency;

/// <summary>The answers in words.</summary>
internal static class StageText
{
    /// <summary>"payment-service, handling payment.requested: 2.10 s of 2.60 s (81 %)".</summary>
    public static string Bottleneck(StageBreakdown breakdown, StageOwners owners)
    {
        if (breakdown.Stages is not [var most, ..])
        {
            return $"No order with a ledger ended in the last {Format.Plural(breakdown.Minutes, "minute")}.";
        }

        var answer =
            $"{owners.Describe(most.Hop, most.Stage)}: {Time(most.MeanMicros)} of {Time(breakdown.MeanMicros!.Value)} "
            + $"({Format.Percent(Math.Round(most.Share, 2))})";
        // Where events queue up, it is mostly for the one that takes them.
        return most is { Stage: StageNames.Broker or StageNames.Buffer, HandledBy: { } handler }
            && breakdown.Stages.FirstOrDefault(stage => stage.Hop == most.Hop && stage.Stage == StageNames.Handling) is { } handling
            ? $"{answer}; {handler} takes {Time(handling.MeanMicros)} to handle one"
            : answer;
    }

    /// <summary>"The slowest 5 % took 5.36 s, 5.01 s more than the median orders: 5.00 s more in …".</summary>
    public static string Slow(string slow, double slowMicros, string normal, double normalMicros, string where, double moreThereMicros)
    {
        var more = slowMicros - normalMicros;
        return more <= 0 || moreThereMicros <= 0 ? $"{slow} took no longer than {normal}"
            : $"{slow} took {Time(slowMicros)}, {Time(more)} more than {normal}: {Time(moreThereMicros)} more in {where}";
    }

    private static string Time(double micros) => Format.Ms(micros / 1000);
}
