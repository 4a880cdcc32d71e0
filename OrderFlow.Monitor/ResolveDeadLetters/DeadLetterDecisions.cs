using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Replaying;
using RabbitMQ.Client;

namespace OrderFlow.Monitor.ResolveDeadLetters;

/// <summary>Carries out what was decided. Once begun it goes on when its viewer leaves; it stops with the Monitor, and loses nothing by that.</summary>
internal sealed class DeadLetterDecisions(
    IOptions<MonitorOptions> options, DecisionLog audit, IConfiguration configuration, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<DeadLetterDecisions> logger) : IDisposable
{
    /// <summary>Two looks at one queue share its messages between them, so that neither sees all of them.</summary>
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Whether dead letters are being looked at or sent back.</summary>
    public bool IsBusy => _one.CurrentCount == 0;

    /// <summary>Whether it is a service whose dead letters may be decided about.</summary>
    public bool Knows(string service) => options.Value.Services.Contains(service, StringComparer.Ordinal);

    public Task<DeadLetterListing> ListAsync(string service, CancellationToken cancellationToken) =>
        AloneAsync(() => new DeadLetterReplay(Connections(), time).ListAsync(service, cancellationToken), cancellationToken);

    /// <summary>How many a replay would send back.</summary>
    public async Task<int> CountAsync(string service, Decision decision) =>
        (await RunAsync(service, new ReplayRequest(decision.Selection!) { DryRun = true })).Replayed;

    public async Task<ReplayResult> ReplayAsync(string service, Decision decision, Requester requester)
    {
        var request = new ReplayRequest(decision.Selection!) { Rate = decision.Rate, DryRun = decision.DryRun };
        if (request.DryRun)
        {
            return await RunAsync(service, request);
        }

        var result = await audit.NoteAsync(service, decision, "replay", requester, run => RunAsync(service, request with { RunId = run }), result => result.Replayed);
        Log.Replayed(logger, result.Replayed, service, result.RunId);
        return result;
    }

    public async Task<DiscardResult> DiscardAsync(string service, Decision decision, Requester requester)
    {
        var request = new DiscardRequest(decision.Selection!, decision.Reason!, decision.By!) { DryRun = decision.DryRun };
        if (request.DryRun)
        {
            return await RunAsync(service, request);
        }

        var result = await audit.NoteAsync(service, decision, "discard", requester, run => RunAsync(service, request with { RunId = run }), result => result.Discarded);
        Log.Discarded(logger, result.Discarded, service, decision.By!, decision.Reason!, result.WrittenTo, result.RunId);
        return result;
    }

    public void Dispose() => _one.Dispose();

    private Task<ReplayResult> RunAsync(string service, ReplayRequest request)
    {
        var stopping = lifetime.ApplicationStopping;
        return AloneAsync(() => new DeadLetterReplay(Connections(), time).ReplayAsync(service, request, progress: null, stopping), stopping);
    }

    private Task<DiscardResult> RunAsync(string service, DiscardRequest request)
    {
        var path = Path.Combine(options.Value.DiscardDirectory, $"{service}.jsonl");
        var stopping = lifetime.ApplicationStopping;
        return AloneAsync(() => new DeadLetterDiscard(Connections(), time).DiscardAsync(service, request, path, progress: null, stopping), stopping);
    }

    private async Task<T> AloneAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A connection that breaks ends what it was for, instead of being mended behind its back with half of the messages unsettled.</summary>
    private ConnectionFactory Connections() => new()
    {
        Uri = new Uri(configuration.GetConnectionString("messaging")!),
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
    };
}
