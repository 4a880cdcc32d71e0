using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Security;

/// <summary>The token that pages and API ask for: the configured one, or one made for this run.</summary>
internal sealed class AccessToken
{
    private const int GeneratedBytes = 32;

    private readonly byte[] _token;
    private readonly byte[] _session;

    public AccessToken(IOptions<MonitorOptions> options)
    {
        IsGenerated = string.IsNullOrEmpty(options.Value.Token);
        Value = IsGenerated ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(GeneratedBytes)) : options.Value.Token!;
        Session = Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Value), "console session"u8));
        _token = Digest(Value);
        _session = Digest(Session);
    }

    /// <summary>Whether nobody else knows it: then the log says it.</summary>
    public bool IsGenerated { get; }

    public string Value { get; }

    /// <summary>What the cookie holds: made from the token, so that every replica knows it, and not the token.</summary>
    public string Session { get; }

    public bool Matches(string? token) => token is not null && CryptographicOperations.FixedTimeEquals(_token, Digest(token));

    public bool MatchesSession(string? cookie) => cookie is not null && CryptographicOperations.FixedTimeEquals(_session, Digest(cookie));

    /// <summary>Of equal length whatever was given, so that the comparison takes the same time.</summary>
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
