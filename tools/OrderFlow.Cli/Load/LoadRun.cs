using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Notifications;
using OrderFlow.Cli.Reporting;

namespace OrderFlow.Cli.Load;

/// <summary>One run: listen, offer, wait, tell.</summary>
internal static class LoadRun
{
    public static async Task<int> RunAsync(LoadOptions options, RunningSystem system, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var runId = Guid.NewGuid().ToString("N")[..8];
        var numbers = new OrderNumbers(runId);
        var ledger = new OrderLedger(time);
        var answers = new AnswerCounts();
        var progress = new Progress(options.Json ? Console.Error : Console.Out, isTerminal: !options.Json && !Console.IsOutputRedirected);

        using var signals = new StopSignals();
        using var http = GatewayClient.Create(options.Connections);
        await system.CheckGatewayAsync(http, cancellationToken);

        var sender = new OrderSender(system.Gateway, http, new OrderBodies(options.Seed), numbers, ledger, answers, time);
        var loop = new OpenLoop(new ArrivalSchedule(options.Rate, options.Duration), sender.SendAsync, answers, options.MaxInFlight, time);

        // Listening begins first: what is told before anyone listens would count as lost.
        var tap = new NotificationListener(system, runId, numbers, ledger, time, progress.Say);
        await using (tap.ConfigureAwait(false))
        {
            await tap.StartAsync(cancellationToken);
            progress.Say($"Run {runId}: {options.Rate:0.##} orders/s for {Durations.Show(options.Duration)} to {system.Gateway}, listening at {system.BrokerName}.");

            await using var showing = progress.Show(elapsed => ProgressLine.Of(loop, answers, ledger).Text(elapsed), time);
            await loop.RunAsync(signals.StopSending);
            await new Drain(ledger, answers, options.Drain, time).RunAsync(signals.StopWaiting);
        }

        var summary = Summary.Of(options, loop, sender, answers, ledger);
        await Console.Out.WriteLineAsync(options.Json ? summary.ToJson() : SummaryText.Of(summary));
        return summary.ExitCode;
    }
}
