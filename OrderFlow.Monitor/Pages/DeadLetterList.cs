using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Replaying;
using RabbitMQ.Client;

namespace OrderFlow.Monitor.Pages;

/// <summary>The dead letters of a service, or why they cannot be looked at.</summary>
internal sealed record ServiceDeadLetters(string Service, DeadLetterListing? Listing, string? Problem);

/// <summary>All that was looked at, and when.</summary>
internal sealed record DeadLetterLook(DateTimeOffset At, IReadOnlyList<ServiceDeadLetters> Services);

/// <summary>
/// Looks at the dead letters of every service. A look takes each of them out and puts it back, so it is shared by all viewers, and the
/// longer it takes the longer it is kept.
/// </summary>
internal sealed class DeadLetterList(IOptions<MonitorOptions> options, IConfiguration configuration, TimeProvider time) : IDisposable
{
    private const int RestPerWork = 20;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private DeadLetterLook? _last;
    private DateTimeOffset _freshUntil;

    /// <param name="atOnce">Whether what is known is too old, whatever its age.</param>
    /// <param name="cancellationToken">Ends the wait, or the look.</param>
    public async Task<DeadLetterLook> ReadAsync(bool atOnce, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || atOnce || time.GetUtcNow() >= _freshUntil)
            {
                var began = time.GetTimestamp();
                _last = new DeadLetterLook(time.GetUtcNow(), await LookAsync(cancellationToken));
                var rest = time.GetElapsedTime(began) * RestPerWork;
                _freshUntil = time.GetUtcNow() + (rest > ShortestRest ? rest : ShortestRest);
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A connection that breaks ends what it was for, instead of being mended behind its back with half of the messages unsettled.</summary>
    public DeadLetterReplay Library() => new(
        new ConnectionFactory { Uri = new Uri(configuration.GetConnectionString("messaging")!), AutomaticRecoveryEnabled = false, TopologyRecoveryEnabled = false }, time);

    public void Dispose() => _gate.Dispose();

    private async Task<IReadOnlyList<ServiceDeadLetters>> LookAsync(CancellationToken cancellationToken)
    {
        var library = Library();
        var services = new List<ServiceDeadLetters>();
        foreach (var service in options.Value.Services)
        {
            try
            {
                services.Add(new ServiceDeadLetters(service, await library.ListAsync(service, cancellationToken), Problem: null));
            }
            catch (ReplayException exception)
            {
                services.Add(new ServiceDeadLetters(service, Listing: null, exception.Message));
            }
        }

        return services;
    }
}
