using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace OrderFlow.PaymentService.Provider;

/// <summary>
/// Pretends to charge. Its answer follows from the order's id alone, so that every replica gives the same one, however often it is
/// asked: idempotent without a memory.
/// </summary>
internal sealed class SimulatedProvider(IOptions<SimulatedProviderOptions> options, SimulatedLatency latency, TimeProvider time)
    : IPaymentProvider
{
    public const string Declined = "insufficient_funds";

    private readonly SimulatedProviderOptions _options = options.Value;

    public string Name => "simulated";

    public async Task<ChargeAnswer?> ChargeAsync(Charge charge, CancellationToken cancellationToken)
    {
        await Task.Delay(latency.Next(), time, cancellationToken);

        return Draw(charge.OrderId, 1) < _options.SilentRate ? null
            : Draw(charge.OrderId, 0) < _options.DeclineRate ? new ChargeAnswer(Declined)
            : ChargeAnswer.Approved;
    }

    public Task RefundAsync(Charge charge, CancellationToken cancellationToken) => Task.Delay(latency.Next(), time, cancellationToken);

    /// <summary>
    /// A number from 0 up to, but not, 1: the same for an order each time, evenly spread over orders, and another one for each question.
    /// </summary>
    private static double Draw(Guid orderId, int question)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(orderId.ToByteArray(bigEndian: true), hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash[(question * sizeof(uint))..]) / (uint.MaxValue + 1.0);
    }
}
