using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Reporting;

/// <summary>What a run did and found.</summary>
internal sealed record ChaosReport
{
    public required int Seed { get; init; }

    /// <summary>Orders per second that were asked for.</summary>
    public required double Rate { get; init; }

    /// <summary>Orders per second that were accepted, over the time of the load.</summary>
    public required double AcceptedPerSecond { get; init; }

    public required double LoadSeconds { get; init; }

    /// <summary>From the end of the load until the system had settled; <see langword="null"/> when it did not settle.</summary>
    public required double? DrainSeconds { get; init; }

    public required long Offered { get; init; }

    /// <summary>Orders that were due while too many waited for their answer.</summary>
    public required long NotSent { get; init; }

    public required long Accepted { get; init; }

    public required long Refused { get; init; }

    /// <summary>Orders without a final answer.</summary>
    public required long UnknownOutcome { get; init; }

    /// <summary>Those of them that exist.</summary>
    public required int UnknownThere { get; init; }

    /// <summary>The longest time in which no order was accepted, in seconds.</summary>
    public required double LongestOutageSeconds { get; init; }

    public required LatencySummary Accept { get; init; }

    public required LatencySummary EndToEnd { get; init; }

    /// <summary>Before the garbage; <see langword="null"/> without a time before it.</summary>
    public LatencySummary? EndToEndBeforeGarbage { get; init; }

    public LatencySummary? EndToEndDuringGarbage { get; init; }

    /// <summary>The Monitor's outage; <see langword="null"/> when the run had none.</summary>
    public OutageReport? Outage { get; init; }

    public required int Faults { get; init; }

    public required int FaultsAskedFor { get; init; }

    /// <summary>What the faults were like that needed an empty broker, and which of them were left out.</summary>
    public required IReadOnlyList<string> FaultNotes { get; init; }

    /// <summary>Dead letters that went with the broker's data, each read before.</summary>
    public required int DeadLettersWiped { get; init; }

    /// <summary>Processes that ended by a fault and started again.</summary>
    public required int RestartsByFault { get; init; }

    /// <summary>Processes that ended without one.</summary>
    public required int RestartsUnexplained { get; init; }

    public required long DeliveredAgain { get; init; }

    public required long Shuffled { get; init; }

    public required int GarbageInjected { get; init; }

    public required int GarbageFound { get; init; }

    public required int GarbageTwice { get; init; }

    /// <summary>Dead letters by queue and reason.</summary>
    public required IReadOnlyDictionary<string, int> DeadLetters { get; init; }

    /// <summary>Notifications that arrived again in the documented window, under the same id.</summary>
    [JsonPropertyName("toldAgain")]
    public required int NotifiedAgain { get; init; }

    public required IReadOnlyList<string> DeadLettered { get; init; }

    public required IReadOnlyList<string> Lost { get; init; }

    public required IReadOnlyList<string> Doubled { get; init; }

    public required IReadOnlyList<string> Stuck { get; init; }

    public required IReadOnlyList<string> Unexplained { get; init; }

    public required IReadOnlyList<CounterCheck> Counters { get; init; }

    /// <summary>Counters of the processes, which lose what was counted between the last scrape and a SIGKILL.</summary>
    public required IReadOnlyList<CounterCheck> InProcessCounters { get; init; }

    /// <summary>Where the logs were kept.</summary>
    public string? Logs { get; init; }

    public bool IsClean => Lost.Count + Doubled.Count + Stuck.Count + Unexplained.Count == 0;

    public bool CountersAgree => Counters.All(check => check.Agrees);

    public int ExitCode => (Accepted, IsClean && CountersAgree) switch
    {
        (0, _) => ExitCodes.Failed,
        (_, true) when Outage?.IsWithinNoise == false => ExitCodes.Slower,
        (_, true) => ExitCodes.Success,
        _ => ExitCodes.Disagreement,
    };

    public string ToJson() => JsonSerializer.Serialize(this, ChaosReportJson.Default.ChaosReport);
}
