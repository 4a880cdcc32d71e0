using System.Text;
using OrderFlow.Cli.Verification;
using static OrderFlow.Cli.Reporting.ReportFormat;

namespace OrderFlow.Cli.Reporting;

/// <summary>Formats the report of a chaos run as text: one table, and every discrepancy by name.</summary>
internal static class ChaosReportText
{
    private const int Shown = 20;

    public static string Of(ChaosReport report)
    {
        var text = new StringBuilder().AppendLine();
        Row(
            text,
            "orders offered",
            $"{report.Offered} at {report.Rate:0.##}/s for {report.LoadSeconds:0} "
            + $"s{Also(report.NotSent, "not sent: too many were waiting")}");
        Row(text, "  accepted", $"{report.Accepted} ({report.AcceptedPerSecond:0.#}/s)");
        Row(text, "  refused", $"{report.Refused}");
        Row(text, "  no final answer", $"{report.UnknownOutcome}{Also(report.UnknownThere, "of them placed, each once")}");
        Row(text, "accepted after", Latencies(report.Accept));
        Row(text, "customer notified after", Latencies(report.EndToEnd));
        if (report is { EndToEndBeforeGarbage: { } before, EndToEndDuringGarbage: { } during })
        {
            Row(text, "  before the garbage", Latencies(before));
            Row(text, "  during the garbage", Beside(before, during));
        }

        Row(text, "longest time without an accepted order", $"{report.LongestOutageSeconds:0.0} s");
        Row(text, "settled after the load", report.DrainSeconds is { } seconds ? $"{seconds:0.0} s" : "never");
        if (report.Outage is { } outage)
        {
            OutageReportText.Write(text, outage);
        }
        else
        {
            Disturbances(text, report);
        }

        Row(text, "processes that ended without a fault", $"{report.RestartsUnexplained}");
        Row(text, "events of orders that are dead letters", $"{report.DeadLettered.Count}");
        Row(text, "notified again in the documented window", $"{report.NotifiedAgain}");
        foreach (var check in report.Counters)
        {
            Row(text, check.Counter, Of(check));
        }

        foreach (var check in report.InProcessCounters)
        {
            Row(
                text,
                check.Counter,
                $"{check.Counted:0} of {check.Expected:0}   ({check.Expected - check.Counted:0;-0;0} went with killed processes)");
        }

        text.AppendLine();
        Discrepancies(text, "lost", report.Lost);
        Discrepancies(text, "doubled", report.Doubled);
        Discrepancies(text, "stuck", report.Stuck);
        Discrepancies(text, "unexplained", report.Unexplained);
        Row(text, "counters that disagree", $"{report.Counters.Count(check => !check.Agrees)}");
        foreach (var letter in report.DeadLettered.Take(Shown))
        {
            text.AppendLine($"  dead letter: {letter}");
        }

        if (report.Logs is { } logs)
        {
            text.AppendLine($"The logs of the processes are in {logs}.");
        }

        return text.AppendLine().Append(Verdict(report)).ToString();
    }

    private static void Disturbances(StringBuilder text, ChaosReport report)
    {
        Row(text, "faults", $"{report.Faults} of {report.FaultsAskedFor}");
        Row(text, "  processes that started again by a fault", $"{report.RestartsByFault}");
        foreach (var note in report.FaultNotes)
        {
            text.AppendLine($"  {note}");
        }

        if (report.FaultNotes.Count > 0)
        {
            text.AppendLine(
                "  (What lies in a queue is gone with it. So customers, duplicates and garbage were held back until queues and outboxes")
                .AppendLine(
                    "  were empty, and came back at once, while queue or broker were still missing: "
                    + "what was accepted then must have arrived.)");
        }

        Row(text, "events delivered again", $"{report.DeliveredAgain}");
        Row(text, "messages reordered", $"{report.Shuffled}");
        Row(text, "garbage injected", $"{report.GarbageInjected}");
        Row(text, "  found as dead letters", $"{report.GarbageFound}{Also(report.GarbageTwice, "of them twice")}");
        Row(
            text,
            "dead letters",
            $"{report.DeadLetters.Values.Sum()}{Also(report.DeadLettersWiped, "of them wiped with the broker, after they were read")}");
        foreach (var (reason, count) in report.DeadLetters)
        {
            Row(text, $"  {reason}", $"{count}");
        }
    }

    private static string Verdict(ChaosReport report) => report switch
    {
        { Accepted: 0 } => "No order was accepted: nothing was tested.",
        { IsClean: true, CountersAgree: true, Outage: { } outage } =>
            "Every order is accounted for, every counter agrees, and nothing is missing in the Monitor's store. "
            + outage.IsWithinNoise switch
            {
                true => "No order was slower without it, or with it back.",
                false => "But without it, or with it back, orders were slower than in any part of the time before. "
                    + "If other programs took much of the machine, run it again.",
                null => "Whether orders were slower, too few of them say.",
            },
        { IsClean: true, CountersAgree: true } => "Every order is accounted for, and every counter agrees.",
        { IsClean: true } => "Every order is accounted for, but counters disagree.",
        _ => "The ledger and the system disagree.",
    };

    private static void Discrepancies(StringBuilder text, string name, IReadOnlyList<string> discrepancies)
    {
        Row(text, name, $"{discrepancies.Count}");
        foreach (var finding in discrepancies.Take(Shown))
        {
            text.AppendLine($"  {finding}");
        }

        if (discrepancies.Count > Shown)
        {
            text.AppendLine($"  … and {discrepancies.Count - Shown} more; --json has all of them");
        }
    }

    private static string Of(CounterCheck check) => check switch
    {
        { Counted: null, Agrees: false } => $"not there; {check.Expected:0} by the databases",
        { Agrees: true } => $"{check.Counted ?? 0:0}, as the databases say",
        _ => $"{check.Counted:0}; {check.Expected:0} by the databases",
    };
}
