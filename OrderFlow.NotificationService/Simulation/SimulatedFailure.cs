using System.Buffers.Binary;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.Simulation;

/// <summary>Fails the share of deliveries that the options ask for, or that was switched to since.</summary>
internal sealed class SimulatedFailure(IOptions<SimulatedFailureOptions> options)
{
    private readonly FailureMode _mode = options.Value.FailureMode;
    private double _rate = options.Value.FailureRate;

    /// <summary>Share of the deliveries that fail, from 0 (none) to 1 (all); a change counts from the next delivery on.</summary>
    public double Rate
    {
        get => Volatile.Read(ref _rate);
        set => Volatile.Write(ref _rate, value);
    }

    /// <summary>Throws, or lets the delivery pass.</summary>
    /// <exception cref="SimulatedFailureException">This delivery is one of those that fail.</exception>
    public void ThrowIfDue(Guid eventId)
    {
        var rate = Rate;
        if (rate > 0 && Draw(eventId) < rate)
        {
            const string setting = $"{SimulatedFailureOptions.Section}:{nameof(SimulatedFailureOptions.FailureRate)}";
            throw new SimulatedFailureException($"Simulated failure: {setting} is {rate}, mode {_mode}.");
        }
    }

    /// <summary>A number from 0 up to, but not, 1.</summary>
    private double Draw(Guid eventId)
    {
        if (_mode == FailureMode.Transient)
        {
            return Random.Shared.NextDouble();
        }

        // The last 32 bits of a UUIDv7 are random, and the same for every attempt.
        Span<byte> id = stackalloc byte[16];
        eventId.TryWriteBytes(id, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(id[12..]) / (uint.MaxValue + 1.0);
    }
}
