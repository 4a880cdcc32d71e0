using System.Buffers.Binary;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.SimulateWork;

/// <summary>Fails the share of deliveries that the options ask for.</summary>
internal sealed class SimulatedFailure(IOptions<SimulationOptions> options)
{
    private readonly SimulationOptions _options = options.Value;

    /// <summary>Throws, or lets the delivery pass.</summary>
    /// <exception cref="SimulatedFailureException">This delivery is one of those that fail.</exception>
    public void ThrowIfDue(Guid eventId)
    {
        if (_options.FailureRate > 0 && Draw(eventId) < _options.FailureRate)
        {
            throw new SimulatedFailureException(
                $"Simulated failure: {SimulationOptions.Section}:{nameof(SimulationOptions.FailureRate)} is {_options.FailureRate}, mode {_options.FailureMode}.");
        }
    }

    /// <summary>A number from 0 up to, but not, 1.</summary>
    private double Draw(Guid eventId)
    {
        if (_options.FailureMode == FailureMode.Transient)
        {
            return Random.Shared.NextDouble();
        }

        // The last 32 bits of a UUIDv7 are random, and the same for every attempt.
        Span<byte> id = stackalloc byte[16];
        eventId.TryWriteBytes(id, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(id[12..]) / (uint.MaxValue + 1.0);
    }
}
