using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Replaying;
using RabbitMQ.Client;

namespace OrderFlow.Monitor.ResolveDeadLetters;

/// <summary>Carries out what was decided. Once begun it goes on when its viewer leaves; it stops with the Monitor, and loses nothing by that.</summary>
internal sealed class DeadLetterDecisions(
    IOptions<MonitorOptions> options, IConfiguration configuration, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<DeadLetterDecisions> logger) : IDisposable
{
    /// <summary>Two looks at one queue share its messages between them, so that neither sees all of them.</summary>
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Whether dead letters are being looked at or sent back.</summary>
    public bool IsBusy => _one.CurrentCount == 0;

    /// <summary>Whether it is a service whose dead letters may be decided about.</summary>
    public bool Knows(string service) => options.Value.Services.Contains(service, StringComparer.Ordinal);

    public Task<DeadLetterListing> ListAsync(string service, CancellationToken cancellationToken) =>
        AloneAsync(() => new DeadLetterReplay(Connections(), time).ListAsync(service, cancellationToken), cancellationToken);

    public async Task<ReplayResult> ReplayAsync(string service, Decision decision)
    {
        var request = new ReplayRequest(decision.Selection!) { Rate = decision.Rate, DryRun = decision.DryRun };
        var stopping = lifetime.ApplicationStopping;
        var result = await AloneAsync(() => new DeadLetterReplay(Connections(), time).ReplayAsync(service, request, progress: null, stopping), stopping);
        if (!result.DryRun)
        {
            Log.Replayed(logger, result.Replayed, service, result.RunId);
        }

        return result;
    }

    public async Task<DiscardResult> DiscardAsync(string service, Decision decision)
    {
        var request = new DiscardRequest(decision.Selection!, decision.Reason!, decision.By!) { DryRun = decision.DryRun };
        var path = Path.Combine(options.Value.DiscardDirectory, $"{service}.jsonl");
        var stopping = lifetime.ApplicationStopping;
        var result = await AloneAsync(() => new DeadLetterDiscard(Connections(), time).DiscardAsync(service, request, path, progress: null, stopping), stopping);
        if (!result.DryRun)
        {
            Log.Discarded(logger, result.Discarded, service, decision.By!, decision.Reason!, result.WrittenTo, result.RunId);
        }

        return result;
    }

    public void Dispose() => _one.Dispose();

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
