using System.Security.Cryptography;
using System.Text;

namespace OrderFlow.NotificationService.Channels;

/// <summary>Proves to a webhook's receiver who sent a body, and when.</summary>
internal static class WebhookSignature
{
    /// <summary><c>t=1767225600,v1=5257a869…</c></summary>
    public static string Of(byte[] secret, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var seconds = at.ToUnixTimeSeconds();
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{seconds}."), .. body];
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(secret, signed))}";
    }
}
