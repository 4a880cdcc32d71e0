using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Operations.DeadLetters;
using RabbitMQ.Client;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The dead-letter queues of the services. Two looks at one queue share its messages between them, so that neither sees all of them: they take turns.</summary>
internal sealed class DeadLetterQueues(IOptions<MonitorOptions> options, IOptions<MessagingOptions> messaging, IConfiguration configuration, TimeProvider time) : IDisposable
{
    private readonly Lazy<DeadLetterSafety> _safety = new(() => new DeadLetterSafety(Connections(configuration), messaging.Value.ManagementUrl, time));
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Whether it is a service whose dead letters may be looked at.</summary>
    public bool Knows(string service) => options.Value.Services.Contains(service, StringComparer.Ordinal);

    public DeadLetterReplay Replay => new(Connections(configuration), time);

    public StagedReplay Ramp => new(Connections(configuration), time);

    public DeadLetterDiscard Discard => new(Connections(configuration), time);

    /// <summary>What may take dead letters of a service away, and what was taken away.</summary>
    public Task<DeadLetterSafetyReport> CheckAsync(string service, CancellationToken cancellationToken) => _safety.Value.CheckAsync(service, cancellationToken);

    /// <summary>Looks at a service's queue when it is its turn.</summary>
    public async Task<T> TakeTurnAsync<T>(string service, Func<Task<T>> look, CancellationToken cancellationToken) =>
        (await TryTakeTurnAsync(service, Timeout.InfiniteTimeSpan, look, cancellationToken)).Seen!;

    /// <summary>Looks at a service's queue if its turn comes soon. A replay with a rate may take hours, and nobody who only wants to see waits for that.</summary>
    /// <returns>Whether it was looked at, and what was seen.</returns>
    /// <exception cref="ReplayException">A policy lets the broker take away what is looked at.</exception>
    public async Task<(bool Looked, T? Seen)> TryTakeTurnAsync<T>(string service, TimeSpan patience, Func<Task<T>> look, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(service, _ => new SemaphoreSlim(1, 1));
        if (!await turn.WaitAsync(patience, cancellationToken))
        {
            return (false, default);
        }

        try
        {
            if (await CheckAsync(service, cancellationToken) is { MayLook: false, Warning: { } warning })
            {
                throw new ReplayException(warning);
            }

            return (true, await look());
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        if (_safety.IsValueCreated)
        {
            _safety.Value.Dispose();
        }

        foreach (var turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    /// <summary>A connection that breaks ends what it was for, instead of being mended behind its back with half of the messages unsettled.</summary>
    private static ConnectionFactory Connections(IConfiguration configuration) => new()
    {
        Uri = new Uri(configuration.GetConnectionString("messaging")!),
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
    };
}
