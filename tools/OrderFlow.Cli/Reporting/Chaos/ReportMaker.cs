using OrderFlow.Cli.Chaos;
using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Load;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Reporting.Chaos;

/// <summary>Puts together what a run did and found.</summary>
internal sealed class ReportMaker(
    ChaosOptions options, Ledger ledger, AnswerCounts answers, OpenLoop loop, ObservedState facts, MessageFaults troubles, SystemProcesses processes, TimeProvider time)
{
    public ChaosReport Make(Findings findings, IReadOnlyList<CounterCheck> counters, IReadOnlyList<CounterCheck> inProcess, Course course, int faults, IReadOnlyList<string> notes, OutageReport? outage)
    {
        var (accept, endToEnd) = ledger.Latencies();
        var garbageFrom = course.Start + (long)(options.GarbageFrom.TotalSeconds * time.TimestampFrequency);
        var compares = options.GarbageFrom > TimeSpan.Zero;
        return new ChaosReport
        {
            Seed = options.Seed,
            Rate = options.Rate,
            AcceptedPerSecond = Math.Round(ledger.Accepted / course.Load.TotalSeconds, 2),
            LoadSeconds = Math.Round(course.Load.TotalSeconds, 1),
            DrainSeconds = course.Drained is { } rest ? Math.Round(rest.TotalSeconds, 1) : null,
            Offered = loop.Offered,
            NotSent = answers.NotSent,
            Accepted = ledger.Accepted,
            Refused = ledger.Refused,
            UnknownOutcome = ledger.Unknown,
            UnknownThere = findings.UnknownThere,
            LongestOutageSeconds = Math.Round(ledger.LongestOutage.TotalSeconds, 2),
            Accept = LatencySummary.Of(accept),
            EndToEnd = LatencySummary.Of(endToEnd),
            EndToEndBeforeGarbage = compares ? LatencySummary.Of(ledger.Latencies(to: garbageFrom).EndToEnd) : null,
            EndToEndDuringGarbage = compares ? LatencySummary.Of(ledger.Latencies(from: garbageFrom).EndToEnd) : null,
            Outage = outage,
            Faults = faults,
            FaultsAskedFor = options.Faults,
            FaultNotes = notes,
            DeadLettersWiped = facts.DeadLetters.Count(letter => letter.IsWiped),
            RestartsByFault = processes.Explained,
            RestartsUnexplained = facts.UnexplainedEnds.Count,
            DeliveredAgain = troubles.DeliveredAgain,
            Shuffled = troubles.Shuffled,
            GarbageInjected = facts.Garbage.Count,
            GarbageFound = findings.GarbageFound,
            GarbageTwice = findings.GarbageTwice,
            DeadLetters = new SortedDictionary<string, int>(
                facts.DeadLetters.GroupBy(letter => $"{letter.Queue}: {(letter.Reason.Length > 0 ? letter.Reason : "no reason")}{(letter.IsWiped ? ", wiped" : "")}", StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
                StringComparer.Ordinal),
            ToldAgain = findings.ToldAgain,
            DeadLettered = findings.DeadLettered,
            Lost = findings.Lost,
            Doubled = findings.Doubled,
            Stuck = findings.Stuck,
            Unexplained = findings.Unexplained,
            Counters = counters,
            InProcessCounters = inProcess,
        };
    }
}
