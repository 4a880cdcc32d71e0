using OrderFlow.LoadTest.KeepAccount;
using OrderFlow.LoadTest.OfferLoad;

namespace OrderFlow.LoadTest.TellResult;

/// <summary>The run at one moment.</summary>
internal sealed record ProgressLine(long Sent, long Accepted, long Rejected, long Failed, long Arrived, long InFlight, TimeSpan? P99)
{
    public static ProgressLine Of(OpenLoop loop, AnswerCounts answers, OrderLedger ledger)
    {
        var counts = ledger.Count();
        return new(
            Math.Min(loop.Offered, answers.Sent),
            counts.Accepted,
            answers.Rejected,
            answers.FailedConnections,
            counts.Arrived,
            answers.InFlight + counts.Outstanding,
            ledger.EndToEnd.Quantile(0.99));
    }

    public string Text(TimeSpan elapsed) =>
        $"{elapsed.TotalSeconds,5:0} s  sent {Sent,8}  accepted {Accepted,8}  rejected {Rejected,6}  unreachable {Failed,6}  arrived {Arrived,8}  in flight {InFlight,6}  P99 {(P99 is { } p99 ? Durations.Show(p99) : "-")}";
}
