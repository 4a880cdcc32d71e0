using System.Security.Cryptography;
using Google.Protobuf;
using OrderFlow.Contracts;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>
/// What makes two bodies the same order: everything that was read from them, and nothing of how it was written. Blanks, the order of
/// fields, <c>2.0</c> for <c>2</c> and fields that are not known here make no difference.
/// </summary>
internal static class OrderFingerprint
{
    /// <summary>SHA-256 of an order that has no id yet.</summary>
    public static byte[] Of(OrderCreated order) => SHA256.HashData(order.ToByteArray());
}
