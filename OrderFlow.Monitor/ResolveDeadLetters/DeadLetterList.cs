using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Replaying;

namespace OrderFlow.Monitor.ResolveDeadLetters;

/// <summary>The dead letters of a service, or why they cannot be looked at.</summary>
public sealed record ServiceDeadLetters(string Service, DeadLetterListing? Listing, string? Problem);

/// <summary>All that was looked at, and when.</summary>
public sealed record DeadLetterLook(DateTimeOffset At, IReadOnlyList<ServiceDeadLetters> Services);

/// <summary>
/// Looks at the dead letters of every service. A look takes each of them out and puts it back, so it is shared by all viewers, and the
/// longer it takes the longer it is kept.
/// </summary>
internal sealed class DeadLetterList(DeadLetterDecisions decisions, IOptions<MonitorOptions> options, TimeProvider time) : IDisposable
{
    private const int RestPerWork = 20;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private DeadLetterLook? _last;
    private DateTimeOffset _freshUntil;

    public async Task<DeadLetterLook> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // A replay may take its time; until then what was there before it is shown.
            if (_last is null || (time.GetUtcNow() >= _freshUntil && !decisions.IsBusy))
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

    /// <summary>Something was decided: the next one to ask looks again.</summary>
    public void Forget() => _freshUntil = default;

    public void Dispose() => _gate.Dispose();

    private async Task<IReadOnlyList<ServiceDeadLetters>> LookAsync(CancellationToken cancellationToken)
    {
        var services = new List<ServiceDeadLetters>();
        foreach (var service in options.Value.Services)
        {
            try
            {
                services.Add(new ServiceDeadLetters(service, await decisions.ListAsync(service, cancellationToken), Problem: null));
            }
            catch (ReplayException exception)
            {
                services.Add(new ServiceDeadLetters(service, Listing: null, exception.Message));
            }
        }

        return services;
    }
}
