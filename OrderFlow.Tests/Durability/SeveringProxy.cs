using System.Net;
using System.Net.Sockets;

namespace OrderFlow.Tests.Durability;

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
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int serverPort;
    private readonly Task accepting;

    public SeveringProxy(int serverPort)
    {
        this.serverPort = serverPort;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What happens to the next commit; it resets itself.</summary>
    public Cut Next { get; set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> lines = [];
        while (!stop.IsCancellationRequested)
        {
            lines.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }

        await Task.WhenAll(lines);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            await server.ConnectAsync(IPAddress.Loopback, serverPort, stop.Token);
            var answers = server.GetStream().CopyToAsync(client.GetStream(), stop.Token);
            var buffer = new byte[65536];
            try
            {
                while (await client.GetStream().ReadAsync(buffer, stop.Token) is > 0 and var length)
                {
                    if (Next == Cut.Never || buffer.AsSpan(0, length).IndexOf("COMMIT"u8) < 0)
                    {
                        await server.GetStream().WriteAsync(buffer.AsMemory(0, length), stop.Token);
                        continue;
                    }

                    await CutAsync(client, server, buffer.AsMemory(0, length));
                    break;
                }
            }
            catch (IOException)
            {
                // One end is gone, and with it the line.
            }

            server.Close();
            await answers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CutAsync(TcpClient client, TcpClient server, ReadOnlyMemory<byte> commit)
    {
        var cut = Next;
        Next = Cut.Never;
        client.Close();
        if (cut == Cut.AfterCommit)
        {
            await server.GetStream().WriteAsync(commit, stop.Token);
        }
    }
}
