using System.Collections.Concurrent;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// Runs staged replays in the background; <see cref="DecisionLog"/> records how far each has come. One that stops with the Monitor is
/// recorded as stopped; one whose Monitor was killed is recorded as such by another replica, or by the same one after its start.
/// </summary>
internal sealed class StagedReplays(
    DeadLetterQueues queues, DecisionLog decisionLog, DeadLetterList list, ISchema schema, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<StagedReplays> logger) : BackgroundService
{
    private static readonly TimeSpan AbandonedPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Task> _running = new();

    /// <summary>A dry run: the steps that it would take.</summary>
    public Task<StagedReplayRun> TryAsync(string service, DeadLetterDecision decision) =>
        queues.StagedReplay.RunAsync(
            service, RequestOf(service, decision) with { DryRun = true }, progress: null, lifetime.ApplicationStopping);

    /// <summary>Starts it in the background.</summary>
    /// <returns>The run's id; <see langword="null"/> when one of this service is running already.</returns>
    public async Task<Guid?> StartAsync(string service, DeadLetterDecision decision, Requester requester)
    {
        if (await decisionLog.BeginAsync("ramp", service, decision, requester) is not { } run)
        {
            return null;
        }

        var running = Task.Run(() => CarryOutAsync(service, RequestOf(service, decision) with { RunId = run }), CancellationToken.None);
        _running[run] = running;
        _ = running.ContinueWith(_ => _running.TryRemove(run, out var _), TaskScheduler.Default);
        return run;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // They stop with the application, and record how far they came.
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await decisionLog.EndAbandonedAsync();
            }
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.AbandonedNotEnded(logger, AbandonedPeriod, exception);
            }

            await Task.Delay(AbandonedPeriod, time, stoppingToken);
        }
    }

    private StagedReplayRequest RequestOf(string service, DeadLetterDecision decision) =>
        decision.ToStagedReplay() with { Turn = (work, cancellationToken) => queues.TakeTurnAsync(service, work, cancellationToken) };

    private async Task CarryOutAsync(string service, StagedReplayRequest request)
    {
        var run = request.RunId!.Value;
        var latest = new Latest();
        try
        {
            var result = await decisionLog.RunAsync(
                run,
                async stop =>
                {
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, lifetime.ApplicationStopping);
                    var ended = await queues.StagedReplay.RunAsync(service, request, latest, either.Token);
                    latest.Report(ended with
                    {
                        Why = ended.State != StagedReplayState.Interrupted ? ended.Why
                            : stop.IsCancellationRequested
                                ? "Stopped by hand before its end."
                                : "Stopped with the Monitor before its end.",
                    });
                    return latest.Run!;
                },
                ended => (ended.Sent, ended.Why),
                () => latest.Run);
            Log.StagedReplayEnded(logger, service, result.State, result.Sent, result.Total, run, result.Why);
        }
#pragma warning disable CA1031 // Nobody awaits it; the decision log says how it ended.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.StagedReplayFailed(logger, service, run, exception);
        }
        finally
        {
            list.Invalidate();
        }
    }

    /// <summary>Keeps the last progress report for the decision log to read.</summary>
    private sealed class Latest : IProgress<StagedReplayRun>
    {
        private StagedReplayRun? _run;

        public StagedReplayRun? Run => Volatile.Read(ref _run);

        public void Report(StagedReplayRun value) => Volatile.Write(ref _run, value);
    }
}
