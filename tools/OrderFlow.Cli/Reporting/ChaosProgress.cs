using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Cli.Reporting;

/// <summary>Formats the progress of a chaos run as one line.</summary>
internal static class ChaosProgress
{
    public static string Of(TimeSpan elapsed, long offered, CustomerLedger ledger, string disturbance, string waitingFor) =>
        $"{elapsed.TotalSeconds,4:0} s  offered {offered,-6} accepted {ledger.Accepted,-6} notified {ledger.NotifiedOrders,-6} "
        + $"{disturbance}  open {ledger.CountInFlight()}"
        + (waitingFor.Length > 0 ? $"  waiting for {waitingFor}" : "");
}
