using System.Net;
using System.Net.NetworkInformation;

namespace OrderFlow.Tests.Support;

/// <summary>
/// Ports for what a test starts: none that anything listens on, each given away once, and below the range from which the system takes the
/// ports of outgoing connections, so that no connection has one of them by the time that it is listened on.
/// </summary>
internal static class FreePorts
{
    private const int First = 11_000;
    private const int End = 32_000;

    // Two test runs side by side begin somewhere else.
    private static int _last = Random.Shared.Next(First, End);

    public static int Next()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (true)
        {
            var port = First + ((Interlocked.Increment(ref _last) & int.MaxValue) % (End - First));
            // Where a system that is started without settings listens.
            if (port is not ((>= 15_000 and < 16_000) or (>= 25_000 and < 26_000)) && !taken.Contains(port) && CanListen(port))
            {
                return port;
            }
        }
    }

    private static bool CanListen(int port)
    {
        try
        {
            using var listener = new System.Net.Sockets.TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
