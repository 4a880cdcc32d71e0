using System.Net;
using System.Net.Sockets;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>
/// Ports that nobody listens on, below those that outgoing connections take: one of these would be in the way between now and the moment
/// at which a server listens there.
/// </summary>
internal static class FreePorts
{
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    private static readonly HashSet<int> GivenAway = [];

    /// <summary>A port that was not given away before.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (!GivenAway.Add(port))
            {
                continue;
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's; the next.
            }
        }
    }
}
