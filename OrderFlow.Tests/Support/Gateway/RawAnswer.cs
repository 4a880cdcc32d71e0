using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrderFlow.Tests.Support.Gateway;

/// <summary>An HTTP answer as it stood on the wire.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body, string Rest)
{
    /// <summary>
    /// Reads one answer by its Content-Length, then whatever follows until the server closes or a second answer is complete.
    /// </summary>
    public static async Task<RawAnswer> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var received = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.UTF8.GetString([.. received]);
            if (TryParse(text) is { } answer && (!answer.Headers.TryGetValue("Connection", out var connection) || connection != "close"))
            {
                return answer;
            }

            int read;
            try
            {
                read = await stream.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException)
            {
                read = 0;
            }

            if (read == 0)
            {
                return TryParse(text) ?? throw new InvalidDataException($"The server closed the connection after: '{text}'");
            }

            received.AddRange(buffer.AsSpan(0, read));
        }
    }

    public JsonElement Problem()
    {
        Headers["Content-Type"].ShouldBe("application/problem+json");
        using var document = JsonDocument.Parse(Body);
        document.RootElement.GetProperty("status").GetInt32().ShouldBe(Status);
        return document.RootElement.Clone();
    }

    private static RawAnswer? TryParse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var lines = text[..end].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var length = headers.TryGetValue("Content-Length", out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
        var body = text[(end + 4)..];
        return Encoding.UTF8.GetByteCount(body) < length
            ? null
            : new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, body[..length], body[length..]);
    }
}
