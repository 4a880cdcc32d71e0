using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrderFlow.AppHost.Resources.RabbitMQ;

/// <summary>
/// The first frame that an AMQP 0-9-1 server sends, <c>Connection.Start</c> (specification, section 4.2.2), as far as it is needed to
/// know who the server is: its properties, a field table, carry the <c>cluster_name</c>.
/// </summary>
internal static class ConnectionStart
{
    private const int HeaderLength = 7;
    private const int MethodFrame = 1;
    private const int ConnectionClass = 10;
    private const int StartMethod = 10;
    private const int LargestFrame = 64 * 1024;

    /// <exception cref="InvalidDataException">The server speaks another protocol, or has no cluster name.</exception>
    public static async Task<string> ReadClusterNameAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);

        var header = new byte[HeaderLength];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var size = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(3));
        if (header[0] != MethodFrame || size is 0 or > LargestFrame)
        {
            throw new InvalidDataException("the server does not speak AMQP 0-9-1.");
        }

        var payload = new byte[size];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        return ClusterName(payload) ?? throw new InvalidDataException("the server has no cluster name.");
    }

    private static string? ClusterName(byte[] payload)
    {
        const int propertiesAt = 6; // class, method, two bytes of protocol version
        if (payload.Length < propertiesAt
            || BinaryPrimitives.ReadUInt16BigEndian(payload) != ConnectionClass
            || BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(2)) != StartMethod)
        {
            return null;
        }

        return TextField(payload.AsSpan(propertiesAt), "cluster_name");
    }

    /// <summary>Walks a field table; of its values only texts, booleans and tables of them occur in server properties.</summary>
    private static string? TextField(ReadOnlySpan<byte> table, string wanted)
    {
        var left = TakeLong(ref table);
        while (left.Length > 0)
        {
            var name = Encoding.UTF8.GetString(left.Slice(1, left[0]));
            left = left[(1 + left[0])..];
            var type = (char)left[0];
            left = left[1..];
            switch (type)
            {
                case 'S':
                    var text = TakeLong(ref left);
                    if (name == wanted)
                    {
                        return Encoding.UTF8.GetString(text);
                    }

                    break;
                case 'F' or 'A' or 'x':
                    TakeLong(ref left);
                    break;
                case 't' or 'b' or 'B':
                    left = left[1..];
                    break;
                case 's' or 'u':
                    left = left[2..];
                    break;
                case 'I' or 'i' or 'f':
                    left = left[4..];
                    break;
                case 'l' or 'L' or 'd' or 'T':
                    left = left[8..];
                    break;
                case 'V':
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private static ReadOnlySpan<byte> TakeLong(ref ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes);
        var value = bytes.Slice(4, length);
        bytes = bytes[(4 + length)..];
        return value;
    }
}
