using System.Buffers.Text;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>Finds the end of an HTTP/1.1 answer in what has arrived, and its status; nothing else of it matters to a load.</summary>
internal static class HttpAnswer
{
    private const int StatusAt = 9;

    /// <summary>Says whether the answer is all there.</summary>
    /// <param name="received">What has arrived since the request was sent.</param>
    /// <param name="status">The status code, when the answer is complete.</param>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1 answer, or its length is not said.</exception>
    public static bool TryRead(ReadOnlySpan<byte> received, out int status)
    {
        status = 0;
        var head = received.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        if (!received.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(received[StatusAt..head], out status, out _))
        {
            throw new InvalidDataException("What answers is no HTTP/1.1 server.");
        }

        var body = received[(head + 4)..];
        if (Header(received[..head], "content-length:"u8) is { IsEmpty: false } length)
        {
            return Utf8Parser.TryParse(length, out int bytes, out _)
                ? body.Length >= bytes
                : throw new InvalidDataException("The answer has a content-length that is no number.");
        }

        return Header(received[..head], "transfer-encoding:"u8) is { IsEmpty: false }
            ? body.EndsWith("0\r\n\r\n"u8)
            : throw new InvalidDataException("The answer says neither how long it is nor that it comes in chunks.");
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (head.IndexOf("\r\n"u8) is var end and >= 0)
        {
            head = head[(end + 2)..];
            if (head.Length >= name.Length && System.Text.Ascii.EqualsIgnoreCase(head[..name.Length], name))
            {
                var value = head[name.Length..];
                var next = value.IndexOf("\r\n"u8);
                return (next < 0 ? value : value[..next]).Trim((byte)' ');
            }
        }

        return [];
    }
}
