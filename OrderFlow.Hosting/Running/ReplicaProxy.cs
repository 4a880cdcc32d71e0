using System.Net;
using System.Net.Sockets;

namespace OrderFlow.Hosting.Running;

/// <summary>Listens on a public port and hands each connection to the next replica; one that does not answer is passed over.</summary>
internal sealed class ReplicaProxy(string resource, int port, IReadOnlyList<int> targets) : IDisposable
{
    private const int Backlog = 512;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _listeners = [];
    private int _next = -1;

    /// <exception cref="DistributedApplicationException">The port is taken.</exception>
    public void Start()
    {
        foreach (var address in Socket.OSSupportsIPv6 ? new[] { IPAddress.Loopback, IPAddress.IPv6Loopback } : [IPAddress.Loopback])
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(address, port));
                listener.Listen(Backlog);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                listener.Dispose();
                continue;
            }
            catch (SocketException failure)
            {
                listener.Dispose();
                throw new DistributedApplicationException($"The proxy of resource '{resource}' cannot listen on port {port}: {failure.Message}", failure);
            }

            _listeners.Add(listener);
            _ = AcceptAsync(listener);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _listeners.ForEach(listener => listener.Dispose());
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = ForwardAsync(await listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException)
            {
                // The client gave up before it was accepted; the next one is waiting.
            }
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var from = client;
        using var to = await ConnectAsync();
        if (to is null)
        {
            return;
        }

        from.NoDelay = true;
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await Task.WhenAll(PumpAsync(from, to, failed), PumpAsync(to, from, failed));
    }

    private async Task<Socket?> ConnectAsync()
    {
        var first = Interlocked.Increment(ref _next);
        for (var attempt = 0; attempt < targets.Count; attempt++)
        {
            var target = targets[(int)((uint)(first + attempt) % (uint)targets.Count)];
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync("localhost", target, _stopping.Token);
                return socket;
            }
            catch (Exception refused) when (refused is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    private static async Task PumpAsync(Socket from, Socket to, CancellationTokenSource failed)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, failed.Token)) > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, count), failed.Token);
            }

            // One side has said all; the other may still answer.
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await failed.CancelAsync();
        }
    }
}
