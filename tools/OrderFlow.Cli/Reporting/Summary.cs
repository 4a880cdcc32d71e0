using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Load;

namespace OrderFlow.Cli.Reporting;

/// <summary>What a run found.</summary>
internal sealed record Summary
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
        { Lost: > 0 } => $"{Lost} accepted orders did not arrive: {string.Join(", ", LostOrders)}{(Lost > LostOrders.Count ? ", …" : "")}",
        { Accepted: 0 } => "no order was accepted",
        _ => "every accepted order arrived",
    };

    public int ExitCode => this switch
    {
        { Lost: > 0 } => ExitCodes.Lost,
        { Accepted: 0 } => ExitCodes.NotTested,
        _ => ExitCodes.NothingLost,
    };

    public static Summary Of(LoadOptions options, OpenLoop loop, OrderSender sender, AnswerCounts answers, OrderLedger ledger)
    {
        var counts = ledger.Count();
        var reconciliation = ledger.Reconcile();
        return new()
        {
            Rate = options.Rate,
            Offered = loop.Offered,
            Sent = answers.Sent,
            NotSent = answers.NotSent,
            Accepted = counts.Accepted,
            Rejected = answers.RejectedByStatus,
            FailedConnections = answers.FailedConnections,
            UnknownOutcome = answers.Unknown,
            Http = LatencySummary.Of(sender.Latency),
            EndToEnd = LatencySummary.Of(ledger.EndToEnd),
            ThroughputPerSecond = counts.ToldFor > TimeSpan.Zero ? Math.Round((counts.Arrived - 1) / counts.ToldFor.TotalSeconds, 2) : 0,
            Arrived = counts.Arrived,
            Lost = reconciliation.Lost,
            LostOrders = reconciliation.LostOrders,
            Duplicates = counts.Repeated,
            ArrivedNotAccepted = reconciliation.ArrivedNotAccepted,
            ClockSkewed = counts.ClockSkewed,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Default.Summary);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
