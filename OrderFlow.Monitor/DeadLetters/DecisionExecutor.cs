using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// Carries out replays and discards, and records them in the decision log. One that has begun goes on when its viewer leaves; it stops
/// with the Monitor, and loses nothing by that.
/// </summary>
internal sealed class DecisionExecutor(
    DeadLetterQueues queues,
    DecisionLog decisionLog,
    IOptions<MonitorOptions> options,
    IHostApplicationLifetime lifetime,
    ILogger<DecisionExecutor> logger)
{
    private const string Interrupted =
        "The Monitor was stopped before the end of this. What was not dealt with by then is still a dead letter.";

    /// <summary>How many a replay would send back.</summary>
    public async Task<int> CountAsync(string service, DeadLetterDecision decision) =>
        (await RunAsync(service, new ReplayRequest(decision.Selection!) { DryRun = true })).Replayed;

    public async Task<ReplayResult> ReplayAsync(string service, DeadLetterDecision decision, Requester requester)
    {
        var request = new ReplayRequest(decision.Selection!) { Rate = decision.Rate, DryRun = decision.DryRun };
        if (request.DryRun)
        {
            return await RunAsync(service, request);
        }

        var run = (await decisionLog.BeginAsync("replay", service, decision, requester))!.Value;
        var result = await decisionLog.RunAsync(
            run, _ => RunAsync(service, request with { RunId = run }),
            result => (result.Replayed, result.Interrupted ? Interrupted : null));
        Log.Replayed(logger, result.Replayed, service, result.RunId);
        return result;
    }

    public async Task<DiscardResult> DiscardAsync(string service, DeadLetterDecision decision, Requester requester)
    {
        var request = new DiscardRequest(decision.Selection!, decision.Reason!, decision.By!) { DryRun = decision.DryRun };
        if (request.DryRun)
        {
            return await RunAsync(service, request);
        }

        var run = (await decisionLog.BeginAsync("discard", service, decision, requester))!.Value;
        var result = await decisionLog.RunAsync(
            run, _ => RunAsync(service, request with { RunId = run }),
            result => (result.Discarded, result.Interrupted ? Interrupted : null));
        Log.Discarded(logger, result.Discarded, service, decision.By!, decision.Reason!, result.WrittenTo, result.RunId);
        return result;
    }

    private Task<ReplayResult> RunAsync(string service, ReplayRequest request)
    {
        var stopping = lifetime.ApplicationStopping;
        return queues.TakeTurnAsync(service, () => queues.Replay.ReplayAsync(service, request, progress: null, stopping), stopping);
    }

    private Task<DiscardResult> RunAsync(string service, DiscardRequest request)
    {
        var path = Path.Combine(options.Value.DiscardDirectory, $"{service}.jsonl");
        var stopping = lifetime.ApplicationStopping;
        return queues.TakeTurnAsync(
            service, () => queues.Discard.DiscardAsync(service, request, path, progress: null, stopping), stopping);
    }
}
