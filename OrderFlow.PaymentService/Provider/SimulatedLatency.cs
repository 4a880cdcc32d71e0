using Microsoft.Extensions.Options;

namespace OrderFlow.PaymentService.Provider;

/// <summary>
/// How long the simulated provider takes: evenly spread between the shortest and the longest time of the options, or what was switched to.
/// </summary>
internal sealed class SimulatedLatency(IOptions<SimulatedProviderOptions> options)
{
    private const int AsConfigured = -1;

    private readonly SimulatedProviderOptions _options = options.Value;
    private int _switchedMs = AsConfigured;

    /// <summary>The same time for every payment, in milliseconds; <see langword="null"/> while it is as configured.</summary>
    public int? SwitchedMs
    {
        get => Volatile.Read(ref _switchedMs) is >= 0 and var milliseconds ? milliseconds : null;
        set => Volatile.Write(ref _switchedMs, value ?? AsConfigured);
    }

    public TimeSpan Next() =>
        TimeSpan.FromMilliseconds(SwitchedMs ?? Random.Shared.Next(_options.MinLatencyMs, _options.MaxLatencyMs + 1));
}
