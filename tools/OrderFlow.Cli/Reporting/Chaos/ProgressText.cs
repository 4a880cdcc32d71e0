using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Reporting.Chaos;

/// <summary>The run at one moment, in one line.</summary>
internal static class ProgressText
{
    public static string Of(TimeSpan elapsed, long offered, Ledger ledger, string disturbance, string waitingFor) =>
        $"{elapsed.TotalSeconds,4:0} s  offered {offered,-6} accepted {ledger.Accepted,-6} told {ledger.Told,-6} {disturbance}  open {ledger.CountOpen()}"
        + (waitingFor.Length > 0 ? $"  waiting for {waitingFor}" : "");
}
