using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrderFlow.Contracts;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// The header <c>Idempotency-Key</c>: with the same key an order is placed once, however often the request is sent.
/// </summary>
/// <remarks>
/// The ids of the order and of its first event follow from the key and its tenant alone, so that two requests at the same moment, at two
/// replicas of the Gateway, name the same order without asking anyone, and OrderService's inbox drops a second event as it drops any
/// redelivery. <see cref="ClaimKey.KeyedOrders"/> knows which body a key belongs to.
/// </remarks>
internal static class IdempotencyKey
{
    public const int MaxLength = 255;

    /// <summary>
    /// Whether the header is absent or usable: visible ASCII, with blanks too when it is in quotes, as the draft writes it.
    /// </summary>
    public static bool TryRead(IHeaderDictionary headers, out string? key)
    {
        var values = headers[HttpHeaders.IdempotencyKey];
        key = values.Count == 1 ? values[0] : null;
        return values.Count == 0 || (key is { Length: >= 1 and <= MaxLength }
            && (VisibleText.IsAscii(key) || (key is ['"', .. [_, ..] inner, '"'] && VisibleText.IsAscii(inner.Replace(' ', '_')))));
    }

    /// <summary>
    /// A UUIDv8 (RFC 9562) from SHA-256 over what it is the id of, the key and, if there is one, the tenant, each behind its length.
    /// </summary>
    public static Guid Derive(string purpose, string key, string? tenantId)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in (ReadOnlySpan<string>)(tenantId is null ? [purpose, key] : [purpose, key, tenantId]))
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        var id = hash.GetHashAndReset().AsSpan(0, 16);
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
