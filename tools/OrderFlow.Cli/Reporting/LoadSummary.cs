using System.Text.Json;
using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Reporting;

/// <summary>The result of a load run.</summary>
internal sealed record LoadSummary
{
    /// <summary>Orders per second that were asked for.</summary>
    public required double Rate { get; init; }

    /// <summary>Orders that were due.</summary>
    public required long Offered { get; init; }

    public required long Sent { get; init; }

    /// <summary>Orders that were due while too many already waited for an answer.</summary>
    public required long NotSent { get; init; }

    public required long Accepted { get; init; }

    /// <summary>Answers other than 202, by status code.</summary>
    public required IReadOnlyDictionary<int, long> Rejected { get; init; }

    /// <summary>Orders that found no connection to the Gateway.</summary>
    public required long FailedConnections { get; init; }

    /// <summary>Orders that may or may not have been accepted; some of them also count as rejected.</summary>
    public required long UnknownOutcome { get; init; }

    /// <summary>From the intended time of sending to the answer.</summary>
    public required LatencySummary Http { get; init; }

    /// <summary>From the Gateway to the notification, as NotificationService measured it.</summary>
    public required LatencySummary EndToEnd { get; init; }

    /// <summary>Notifications per second, by NotificationService's clock.</summary>
    public required double ThroughputPerSecond { get; init; }

    /// <summary>Orders whose notification arrived.</summary>
    public required long Arrived { get; init; }

    /// <summary>Accepted orders that did not arrive.</summary>
    public required long Lost { get; init; }

    /// <summary>The ids of the first of them.</summary>
    public required IReadOnlyList<Guid> LostOrders { get; init; }

    /// <summary>Notifications beyond the first of an order.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Orders that arrived although they were not answered with 202.</summary>
    public required long ArrivedNotAccepted { get; init; }

    /// <summary>Orders that ended before they began, by the services' clocks; they are in no latency.</summary>
    public required long ClockSkewed { get; init; }

    public string Verdict => this switch
    {
        { Lost: > 0 } =>
            $"{Lost} accepted orders did not arrive: {string.Join(", ", LostOrders)}{(Lost > LostOrders.Count ? ", …" : "")}",
        { Accepted: 0 } => "no order was accepted",
        _ => "every accepted order arrived",
    };

    public int ExitCode => this switch
    {
        { Lost: > 0 } => ExitCodes.OrdersLost,
        { Accepted: 0 } => ExitCodes.Failed,
        _ => ExitCodes.Success,
    };

    public string ToJson() => JsonSerializer.Serialize(this, LoadSummaryJson.Default.LoadSummary);
}
