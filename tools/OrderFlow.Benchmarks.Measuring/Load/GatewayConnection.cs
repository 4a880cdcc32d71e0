using System.Net;
using System.Net.Sockets;
using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>
/// A connection to the Gateway that carries one request at a time. A bare socket, so that a load of thousands a second takes little of
/// the processors that it shares with what it measures.
/// </summary>
internal sealed class GatewayConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SocketAsyncEventArgs _arrival = new();
    private readonly byte[] _buffer = new byte[8192];
    private readonly Func<GatewayConnection, int, byte[]?> _answered;
    private int _filled;

    /// <param name="port">Where the Gateway listens on the loopback address.</param>
    /// <param name="answered">
    /// Takes the status of an answer, 0 when the connection broke; returns the next request, or <see langword="null"/> when the
    /// connection is to rest.
    /// </param>
    public GatewayConnection(int port, Func<GatewayConnection, int, byte[]?> answered)
    {
        _answered = answered;
        _arrival.Completed += (_, _) =>
        {
            if (TakeArrived())
            {
                Receive();
            }
        };
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>When the request was due; the latency of its answer counts from here.</summary>
    public long DueAt { get; private set; }

    /// <summary>Sends a request over a connection that rests.</summary>
    public void Send(byte[] request, long dueAt)
    {
        DueAt = dueAt;
        if (Write(request))
        {
            Receive();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _arrival.Dispose();
    }

    private void Receive()
    {
        do
        {
            _arrival.SetBuffer(_buffer, _filled, _buffer.Length - _filled);
        }
        while (!_socket.ReceiveAsync(_arrival) && TakeArrived());
    }

    /// <returns>Whether more is to come.</returns>
    private bool TakeArrived()
    {
        if (_arrival.SocketError != SocketError.Success || _arrival.BytesTransferred == 0)
        {
            _answered(this, 0);
            return false;
        }

        _filled += _arrival.BytesTransferred;
        if (!HttpAnswer.TryRead(_buffer.AsSpan(0, _filled), out var status))
        {
            return _filled < _buffer.Length ? true : throw new InvalidDataException($"The answer has more than {_buffer.Length} bytes.");
        }

        _filled = 0;
        if (_answered(this, status) is not { } next)
        {
            return false;
        }

        DueAt = LatencyRecorder.Now;
        return Write(next);
    }

    private bool Write(byte[] request)
    {
        try
        {
            _socket.Send(request);
            return true;
        }
        catch (SocketException)
        {
            _answered(this, 0);
            return false;
        }
    }
}
