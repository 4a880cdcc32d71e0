using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// Sends dead letters back in growing steps. After each it waits for the life-cycle events of the step's messages, and goes on only when
/// they were handled: what broke them may not be repaired. What was not sent is still a dead letter, however the staged replay ends.
/// </summary>
/// <param name="connections">The broker.</param>
/// <param name="time">Paces a staged replay with a rate, and measures how long no outcome arrives.</param>
public sealed class StagedReplay(IConnectionFactory connections, TimeProvider time)
{
    private const int MostTries = 5;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    private readonly DeadLetterReplay _replay = new(connections, time);

    /// <summary>Sends the selected dead letters back, the oldest first: those that are there now, not those that come meanwhile.</summary>
    /// <exception cref="ReplayException">
    /// The broker cannot be reached, has no such queue, or refuses a message; what was not sent is still a dead letter, and what was sent
    /// is under way.
    /// </exception>
    /// <param name="service">The service's name.</param>
    /// <param name="request">What to send back, and in which steps.</param>
    /// <param name="progress">Is called after every change.</param>
    /// <param name="cancellationToken">Stops after the current message; the result says how far it came.</param>
    public async Task<StagedReplayRun> RunAsync(
        string service, StagedReplayRequest request, IProgress<StagedReplayRun>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Problem is { } wrong)
        {
            throw new ArgumentException(wrong, nameof(request));
        }

        var id = request.RunId ?? Guid.CreateVersion7(time.GetUtcNow());
        var run = new StagedReplayRun(id, 0, [], StagedReplayState.Running, Why: null) { DryRun = request.DryRun };
        try
        {
            var all = new ReplayRequest(request.Selection) { Limit = request.Limit, DryRun = true };
            var selected = await request.Turn(
                () => _replay.ReplayAsync(service, all, progress: null, cancellationToken), cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            run = run with { Total = selected.Replayed, Steps = request.Plan(selected.Replayed) };
            if (request.DryRun || run.Total == 0)
            {
                return run with { State = StagedReplayState.Completed };
            }

            return await DeadLetterQueue.OnConnectionAsync(connections, "dead-letter-ramp", service, async connection =>
            {
                await using var listener = await OutcomeListener.OpenAsync(connection, service, run.RunId, cancellationToken);
                for (var step = 0; step < run.Steps.Count && run.State == StagedReplayState.Running; step++)
                {
                    var outcomes = new ReplayOutcomes(time);
                    listener.Listen(outcomes);
                    run = await StepAsync(service, request, run, step, outcomes, Tell, cancellationToken);
                }

                return run switch
                {
                    { State: not StagedReplayState.Running } => run,
                    _ when run.Sent == run.Total => run with { State = StagedReplayState.Completed },
                    _ => run with
                    {
                        State = StagedReplayState.Completed,
                        Why = $"{run.Total - run.Sent} were not there any more when their turn came: "
                            + "somebody else decided about them, or looks at them.",
                    },
                };
            }, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return run with
            {
                State = StagedReplayState.Interrupted,
                Why = run.Sent == 0 ? "Stopped before anything was sent." : "Stopped before its end.",
            };
        }

        void Tell(StagedReplayRun now)
        {
            run = now;
            progress?.Report(now);
        }
    }

    /// <summary>Sends one step and waits for its outcome; the state says whether the next may follow.</summary>
    private async Task<StagedReplayRun> StepAsync(
        string service, StagedReplayRequest request, StagedReplayRun run, int number, ReplayOutcomes outcomes,
        Action<StagedReplayRun> tell, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(service, request, run.RunId, run.Steps[number].Size, outcomes, enough.Token);
        // Signalled after it is over, not by itself: then it would not be over yet, and who looks at that moment would wait for ever.
        _ = sending.ContinueWith(_ => outcomes.Changed(), TaskScheduler.Default);
        try
        {
            var (state, why) = await JudgeAsync(
                request, run.Steps[number], number + 1, sending, outcomes, () => tell(Now()), cancellationToken);
            run = run with { State = state, Why = why };
        }
        finally
        {
            await enough.CancelAsync();
            // However the step ended: no message may still be on its way out when the next step, or the caller, goes on.
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            tell(Now());
        }

        return Now();

        StagedReplayRun Now() => run with { Steps = [.. run.Steps.Select((step, at) => at == number ? outcomes.Of(step) : step)] };
    }

    private static async Task<(StagedReplayState State, string? Why)> JudgeAsync(
        StagedReplayRequest request, RampStep planned, int number, Task sending, ReplayOutcomes outcomes, Action tell,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            // Asked before it is counted: what was sent after the count is not all.
            var over = sending.IsCompleted;
            var step = outcomes.Of(planned);
            tell();
            if (step.Failed > request.AllowedFailures * planned.Size)
            {
                return (
                    StagedReplayState.Failed,
                    $"{step.Failed} of {step.Sent} sent in step {number} failed, the first with {outcomes.FirstFailure}");
            }

            if (over && (step.UnderWay == 0 || !sending.IsCompletedSuccessfully))
            {
                // Throws what kept it from sending.
                await sending;
                cancellationToken.ThrowIfCancellationRequested();
                return (StagedReplayState.Running, null);
            }

            if (!await outcomes.NextAsync(request.OutcomeTimeout, cancellationToken))
            {
                return (
                    StagedReplayState.Silent,
                    $"Nothing was heard of {step.UnderWay} of {step.Sent} sent in step {number} "
                    + $"for {request.OutcomeTimeout.TotalSeconds:0.#} s. "
                    + "They are in the service's queue, or being tried: is it running, and how long is its queue?");
            }
        }
    }

    /// <summary>
    /// Sends as many as a step has. Another look may hold them at the moment; what is not there after some tries is gone.
    /// </summary>
    private async Task SendAsync(
        string service, StagedReplayRequest request, Guid run, int size, ReplayOutcomes outcomes, CancellationToken cancellationToken)
    {
        for (var (left, tries) = (size, 0); left > 0 && tries < MostTries; tries++)
        {
            var some = new ReplayRequest(request.Selection) { Limit = left, Rate = request.Rate, RunId = run, Sending = outcomes.Sending };
            var sent = await request.Turn(() => _replay.ReplayAsync(service, some, progress: null, cancellationToken), cancellationToken);
            left -= sent.Replayed;
            if (left > 0)
            {
                await Task.Delay(BetweenTries, time, cancellationToken);
            }
        }
    }
}
