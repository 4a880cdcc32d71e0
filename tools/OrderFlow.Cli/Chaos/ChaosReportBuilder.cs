using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;
using OrderFlow.Cli.Observation;
using OrderFlow.Cli.Reporting;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Chaos;

/// <summary>Builds the report of a run from its parts.</summary>
internal sealed class ChaosReportBuilder(
    ChaosOptions options,
    CustomerLedger ledger,
    AnswerCounts answers,
    OpenLoop loop,
    ObservedState observed,
    MessageFaults messageFaults,
    SystemProcesses processes,
    TimeProvider time)
{
    public ChaosReport Build(
        Discrepancies discrepancies,
        IReadOnlyList<CounterCheck> counters,
        IReadOnlyList<CounterCheck> inProcess,
        RunTimes times,
        int faults,
        IReadOnlyList<string> notes,
        OutageReport? outage)
    {
        var (accept, endToEnd) = ledger.Latencies();
        var garbageFrom = times.Start + (long)(options.GarbageFrom.TotalSeconds * time.TimestampFrequency);
        var compares = options.GarbageFrom > TimeSpan.Zero;
        return new ChaosReport
        {
            Seed = options.Seed,
            Rate = options.Rate,
            AcceptedPerSecond = Math.Round(ledger.Accepted / times.Load.TotalSeconds, 2),
            LoadSeconds = Math.Round(times.Load.TotalSeconds, 1),
            DrainSeconds = times.Drained is { } drained ? Math.Round(drained.TotalSeconds, 1) : null,
            Offered = loop.Offered,
            NotSent = answers.NotSent,
            Accepted = ledger.Accepted,
            Refused = ledger.Refused,
            UnknownOutcome = ledger.Unknown,
            UnknownThere = discrepancies.UnknownThere,
            LongestOutageSeconds = Math.Round(ledger.LongestOutage.TotalSeconds, 2),
            Accept = LatencySummary.Of(accept),
            EndToEnd = LatencySummary.Of(endToEnd),
            EndToEndBeforeGarbage = compares ? LatencySummary.Of(ledger.Latencies(to: garbageFrom).EndToEnd) : null,
            EndToEndDuringGarbage = compares ? LatencySummary.Of(ledger.Latencies(from: garbageFrom).EndToEnd) : null,
            Outage = outage,
            Faults = faults,
            FaultsAskedFor = options.Faults,
            FaultNotes = notes,
            DeadLettersWiped = observed.DeadLetters.Count(letter => letter.IsWiped),
            RestartsByFault = processes.Explained,
            RestartsUnexplained = observed.UnexplainedEnds.Count,
            DeliveredAgain = messageFaults.DeliveredAgain,
            Shuffled = messageFaults.Shuffled,
            GarbageInjected = observed.Garbage.Count,
            GarbageFound = discrepancies.GarbageFound,
            GarbageTwice = discrepancies.GarbageTwice,
            DeadLetters = new SortedDictionary<string, int>(
                observed.DeadLetters.CountBy(Reason).ToDictionary(group => group.Key, group => group.Value, StringComparer.Ordinal),
                StringComparer.Ordinal),
            NotifiedAgain = discrepancies.NotifiedAgain,
            DeadLettered = discrepancies.DeadLettered,
            Lost = discrepancies.Lost,
            Doubled = discrepancies.Doubled,
            Stuck = discrepancies.Stuck,
            Unexplained = discrepancies.Unexplained,
            Counters = counters,
            InProcessCounters = inProcess,
        };
    }

    private static string Reason(DeadLetter letter)
    {
        var reason = letter.Reason.Length > 0 ? letter.Reason : "no reason";
        return $"{letter.Queue}: {reason}{(letter.IsWiped ? ", wiped" : "")}";
    }
}
