using System.Collections.Concurrent;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Postgres.Migrations;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// Replays in steps, in the background: whoever asked for one reads on its page how far it came. One that stops with the Monitor says so in the
/// audit; for one whose Monitor was killed, another says it, or the same after its start.
/// </summary>
internal sealed class StagedReplays(
    DeadLetterQueues queues, DecisionLog audit, DeadLetterList list, ISchema schema, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StagedReplays> logger) : BackgroundService
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Task> _running = new();

    /// <summary>The steps that it would take.</summary>
    public Task<StagedReplayRun> TryAsync(string service, Decision decision) =>
        queues.Ramp.RunAsync(service, RequestOf(service, decision) with { DryRun = true }, progress: null, lifetime.ApplicationStopping);

    /// <summary>Begins it and returns.</summary>
    /// <returns>The run's id; <see langword="null"/> when the service has a ramp that goes on.</returns>
    public async Task<Guid?> StartAsync(string service, Decision decision, Requester requester)
    {
        if (await audit.BeginAsync("ramp", service, decision, requester) is not { } run)
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
        // They stop with the application, and write down how far they came.
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await audit.EndAbandonedAsync();
            }
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one looks again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.AbandonedNotEnded(logger, LookPeriod, exception);
            }

            await Task.Delay(LookPeriod, time, stoppingToken);
        }
    }

    private StagedReplayRequest RequestOf(string service, Decision decision) =>
        decision.ToRamp() with { Turn = (look, cancellationToken) => queues.TakeTurnAsync(service, look, cancellationToken) };

    private async Task CarryOutAsync(string service, StagedReplayRequest request)
    {
        var run = request.RunId!.Value;
        var latest = new Latest();
        try
        {
            var result = await audit.FollowAsync(
                run,
                async stop =>
                {
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, lifetime.ApplicationStopping);
                    var ended = await queues.Ramp.RunAsync(service, request, latest, either.Token);
                    latest.Report(ended with
                    {
                        Why = ended.State != StagedReplayState.Interrupted ? ended.Why
                            : stop.IsCancellationRequested ? "Stopped by hand before its end." : "Stopped with the Monitor before its end.",
                    });
                    return latest.Run!;
                },
                ended => (ended.Sent, ended.Why),
                () => latest.Run);
            Log.RampEnded(logger, service, result.State, result.Sent, result.Total, run, result.Why);
        }
#pragma warning disable CA1031 // Nobody awaits it; the audit says how it ended, or that nobody could say.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RampBroken(logger, service, run, exception);
        }
        finally
        {
            list.Forget();
        }
    }

    /// <summary>The last that was heard, whoever asks for it.</summary>
    private sealed class Latest : IProgress<StagedReplayRun>
    {
        private StagedReplayRun? _run;

        public StagedReplayRun? Run => Volatile.Read(ref _run);

        public void Report(StagedReplayRun value) => Volatile.Write(ref _run, value);
    }
}
