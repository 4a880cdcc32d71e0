using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;
using RabbitMQ.Client;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// The dead-letter queues of the services, one user of a queue at a time: two that read a queue at once share its messages, so that
/// neither sees all of them.
/// </summary>
internal sealed class DeadLetterQueues(
    IOptions<MonitorOptions> options, IOptions<MessagingOptions> messaging, IConfiguration configuration, TimeProvider time) : IDisposable
{
    private readonly Lazy<DeadLetterSafety> _safety = new(
        () => new DeadLetterSafety(Connections(configuration), messaging.Value.ManagementUrl, time));
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Whether it is a service whose dead letters are shown.</summary>
    public bool Knows(string service) => options.Value.Services.Contains(service, StringComparer.Ordinal);

    public DeadLetterReplay Replay => new(Connections(configuration), time);

    public StagedReplay StagedReplay => new(Connections(configuration), time);

    public DeadLetterDiscard Discard => new(Connections(configuration), time);

    /// <summary>Checks what may remove dead letters of a service without a decision, and what was removed.</summary>
    public Task<DeadLetterSafetyReport> CheckAsync(string service, CancellationToken cancellationToken) =>
        _safety.Value.CheckAsync(service, cancellationToken);

    /// <summary>Uses a service's queue when it is free.</summary>
    public async Task<T> TakeTurnAsync<T>(string service, Func<Task<T>> work, CancellationToken cancellationToken) =>
        (await TryTakeTurnAsync(service, Timeout.InfiniteTimeSpan, work, cancellationToken)).Result!;

    /// <summary>
    /// Uses a service's queue if it is free soon. A replay with a rate may take hours, and nobody who only wants to read waits for that.
    /// </summary>
    /// <returns>Whether the queue was free, and the result.</returns>
    /// <exception cref="ReplayException">A policy lets the broker remove what is read.</exception>
    public async Task<(bool HadTurn, T? Result)> TryTakeTurnAsync<T>(
        string service, TimeSpan patience, Func<Task<T>> work, CancellationToken cancellationToken)
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

            return (true, await work());
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

    /// <summary>
    /// A connection that breaks ends what it was for, instead of being recovered in the background with half of the messages unsettled.
    /// </summary>
    private static ConnectionFactory Connections(IConfiguration configuration) => new()
    {
        Uri = new Uri(configuration.GetConnectionString(ServiceNames.Broker)!),
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
    };
}
