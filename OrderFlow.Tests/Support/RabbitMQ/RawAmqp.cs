using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>As much of AMQP 0-9-1 as it takes to publish a message whose properties no client library would write.</summary>
internal sealed class RawAmqp : IDisposable
{
    /// <summary>Set in the property flags when a table of headers follows.</summary>
    private const ushort HeadersFlag = 0x2000;

    private const int FrameOverhead = 8;
    private const byte MethodFrame = 1;
    private const byte HeaderFrame = 2;
    private const byte BodyFrame = 3;
    private const byte FrameEnd = 0xCE;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawAmqp(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RawAmqp> ConnectAsync(RabbitNode node)
    {
        var opened = new TcpClient();
        await opened.ConnectAsync(IPAddress.Loopback, node.Port, Cancellation);
        var raw = new RawAmqp(opened);
        await raw._stream.WriteAsync("AMQP\0\0\x09\x01"u8.ToArray(), Cancellation);
        await raw.ExpectAsync(10, 10);
        await raw.SendAsync(
            0, 10, 11,
            [.. Long([]), .. Short("PLAIN"), .. Long(Encoding.UTF8.GetBytes($"\0orderflow\0{node.Password}")), .. Short("en_US")]);
        // The broker's own proposal, without heartbeats.
        var tune = await raw.ExpectAsync(10, 30);
        await raw.SendAsync(0, 10, 31, [.. tune[..6], 0, 0]);
        await raw.SendAsync(0, 10, 40, [.. Short("/"), .. Short(""), 0]);
        await raw.ExpectAsync(10, 41);
        await raw.SendAsync(1, 20, 10, Short(""));
        await raw.ExpectAsync(20, 11);
        await raw.SendAsync(1, 85, 10, [0]);
        await raw.ExpectAsync(85, 11);
        return raw;
    }

    /// <summary>Publishes into a queue with these bytes as its table of headers, and returns when the broker has confirmed it.</summary>
    public async Task PublishAsync(string queue, byte[] headers, byte[] body)
    {
        await SendAsync(1, 60, 40, [0, 0, .. Short(""), .. Short(queue), 1]);
        var content = new byte[14];
        BinaryPrimitives.WriteUInt16BigEndian(content, 60);
        BinaryPrimitives.WriteUInt64BigEndian(content.AsSpan(4), (ulong)body.Length);
        BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(12), HeadersFlag);
        await FrameAsync(HeaderFrame, 1, [.. content, .. Long(headers)]);
        await FrameAsync(BodyFrame, 1, body);
        await ExpectAsync(60, 80);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    /// <summary>A field of a table: its name, its type, its value.</summary>
    public static byte[] Field(string name, char type, byte[] value) => [.. Short(name), (byte)type, .. value];

    /// <summary>Bytes after their length.</summary>
    public static byte[] Long(byte[] value)
    {
        var bytes = new byte[4 + value.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value.Length);
        value.CopyTo(bytes, 4);
        return bytes;
    }

    private static byte[] Short(string text) => [(byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    private Task SendAsync(ushort channel, ushort classId, ushort methodId, byte[] arguments)
    {
        var method = new byte[4 + arguments.Length];
        BinaryPrimitives.WriteUInt16BigEndian(method, classId);
        BinaryPrimitives.WriteUInt16BigEndian(method.AsSpan(2), methodId);
        arguments.CopyTo(method, 4);
        return FrameAsync(MethodFrame, channel, method);
    }

    private async Task FrameAsync(byte type, ushort channel, byte[] payload)
    {
        var frame = new byte[payload.Length + FrameOverhead];
        frame[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), channel);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(3), payload.Length);
        payload.CopyTo(frame, 7);
        frame[^1] = FrameEnd;
        await _stream.WriteAsync(frame, Cancellation);
    }

    private async Task<byte[]> ExpectAsync(ushort classId, ushort methodId)
    {
        var start = new byte[7];
        await _stream.ReadExactlyAsync(start, Cancellation);
        var rest = new byte[BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(3)) + 1];
        await _stream.ReadExactlyAsync(rest, Cancellation);
        var (gotClass, gotMethod) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(2)));
        if ((gotClass, gotMethod) != (classId, methodId))
        {
            throw new InvalidOperationException(
                $"The broker answered {gotClass}.{gotMethod} instead of {classId}.{methodId}: {Encoding.ASCII.GetString(rest[4..^1])}");
        }

        return rest[4..^1];
    }
}
