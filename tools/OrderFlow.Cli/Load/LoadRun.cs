using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Reporting;

namespace OrderFlow.Cli.Load;

/// <summary>One load run: listen to notifications, offer orders, wait for those that were accepted, print the summary.</summary>
internal sealed class LoadRun
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly string _runId = Guid.NewGuid().ToString("N")[..8];
    private readonly AnswerCounts _answers = new();
    private readonly LoadOptions _options;
    private readonly RunningSystem _system;
    private readonly OrderNumbers _numbers;
    private readonly OrderLedger _ledger;
    private readonly Progress _progress;

    private LoadRun(LoadOptions options, RunningSystem system)
    {
        (_options, _system) = (options, system);
        (_numbers, _ledger) = (new(_runId), new(_time));
        _progress = new(options.Json ? Console.Error : Console.Out, isTerminal: !options.Json && !Console.IsOutputRedirected);
    }

    /// <summary>Runs the load.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The system cannot be reached.</exception>
    public static Task<int> RunAsync(LoadOptions options, RunningSystem system, CancellationToken cancellationToken) =>
        new LoadRun(options, system).RunAsync(cancellationToken);

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var signals = new StopSignals();
        using var http = GatewayClient.Create(_options.Connections);
        await _system.CheckGatewayAsync(http, cancellationToken);

        var sender = new OrderSender(_system.Gateway, http, new OrderBodies(_options.Seed), _numbers, _ledger, _answers, _time);
        var loop = new OpenLoop(
            new ArrivalSchedule(_options.Rate, _options.Duration), sender.SendAsync, _answers, _options.MaxInFlight, _time);

        // Listening begins first: a notification from before it would count as lost.
        var listener = new NotificationListener(_system, _runId, _numbers, _ledger, _time, _progress.WriteLine);
        await using (listener.ConfigureAwait(false))
        {
            await listener.StartAsync(cancellationToken);
            _progress.WriteLine(
                $"Run {_runId}: {_options.Rate:0.##} orders/s for {Durations.Show(_options.Duration)} to {_system.Gateway}, "
                + $"listening at {_system.BrokerName}.");

            await using var showing = _progress.Show(elapsed => Snapshot(loop).Text(elapsed), _time);
            await loop.RunAsync(signals.StopSending);
            await new Drain(_ledger, _answers, _options.Drain, _time).RunAsync(signals.StopWaiting);
        }

        var summary = Summarize(loop, sender);
        await Console.Out.WriteLineAsync(_options.Json ? summary.ToJson() : LoadSummaryText.Of(summary));
        return summary.ExitCode;
    }

    private LoadProgress Snapshot(OpenLoop loop)
    {
        var counts = _ledger.Count();
        return new(
            Math.Min(loop.Offered, _answers.Sent),
            counts.Accepted,
            _answers.Rejected,
            _answers.FailedConnections,
            counts.Arrived,
            _answers.InFlight + counts.InFlight,
            _ledger.EndToEnd.Quantile(0.99));
    }

    private LoadSummary Summarize(OpenLoop loop, OrderSender sender)
    {
        var counts = _ledger.Count();
        var reconciliation = _ledger.Reconcile();
        return new()
        {
            Rate = _options.Rate,
            Offered = loop.Offered,
            Sent = _answers.Sent,
            NotSent = _answers.NotSent,
            Accepted = counts.Accepted,
            Rejected = _answers.RejectedByStatus,
            FailedConnections = _answers.FailedConnections,
            UnknownOutcome = _answers.Unknown,
            Http = LatencySummary.Of(sender.Latency),
            EndToEnd = LatencySummary.Of(_ledger.EndToEnd),
            ThroughputPerSecond = counts.NotifiedFor > TimeSpan.Zero
                ? Math.Round((counts.Arrived - 1) / counts.NotifiedFor.TotalSeconds, 2)
                : 0,
            Arrived = counts.Arrived,
            Lost = reconciliation.Lost,
            LostOrders = reconciliation.LostOrders,
            Duplicates = counts.Repeated,
            ArrivedNotAccepted = reconciliation.ArrivedNotAccepted,
            ClockSkewed = counts.ClockSkewed,
        };
    }
}
