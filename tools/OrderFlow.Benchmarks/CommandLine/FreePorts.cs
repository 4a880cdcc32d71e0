using System.Net;
using System.Net.Sockets;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>Ports that nobody listens on.</summary>
internal static class FreePorts
{
    private static readonly HashSet<int> GivenAway = [];

    /// <summary>A port that was not given away before.</summary>
    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (GivenAway.Add(port))
            {
                return port;
            }
        }
    }
}
