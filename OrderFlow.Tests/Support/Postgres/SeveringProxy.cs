using System.Net;
using System.Net.Sockets;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>Where the proxy cuts the line.</summary>
internal enum Cut
{
    Never,

    /// <summary>The commit never reaches the server.</summary>
    BeforeCommit,

    /// <summary>The server commits, its answer never reaches the client.</summary>
    AfterCommit,
}

/// <summary>A line to the database that can be cut in the middle of a commit.</summary>
internal sealed class SeveringProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly Task _accepting;

    public SeveringProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether the lines are dead without an end: nothing comes through, and neither side learns that the other is gone.</summary>
    public bool IsStalled { get; set; }

    /// <summary>What happens to the next commit; it resets itself.</summary>
    public Cut Next { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> lines = [];
        while (!_stop.IsCancellationRequested)
        {
            lines.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }

        await Task.WhenAll(lines);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
            var answering = true;
            var answers = Task.Run(() => CopyAsync(server, client, _ => answering));
            await CopyAsync(client, server, request =>
            {
                if (Next == Cut.Never || request.Span.IndexOf("COMMIT\0"u8) < 0)
                {
                    return true;
                }

                answering = false;
                (var cut, Next) = (Next, Cut.Never);
                return cut == Cut.AfterCommit;
            });
            await answers;
        }
    }

    /// <summary>Copies while it may; the end of either side is the end of both.</summary>
    private async Task CopyAsync(TcpClient from, TcpClient to, Func<ReadOnlyMemory<byte>, bool> may)
    {
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                var length = await from.GetStream().ReadAsync(buffer, _stop.Token);
                while (IsStalled)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10), _stop.Token);
                }

                if (length == 0 || !may(buffer.AsMemory(0, length)))
                {
                    break;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _stop.Token);
            }
        }
        catch (Exception exception) when (
            exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // One side is gone, and with it the line.
        }

        from.Close();
        to.Close();
    }
}
