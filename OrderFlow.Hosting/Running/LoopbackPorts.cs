using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace OrderFlow.Hosting.Running;

/// <summary>Finds free ports on the loopback addresses, below the range from which the kernel takes ports for outgoing connections.</summary>
internal static class LoopbackPorts
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Attempts = 200;
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on, and that this process has not given away before.</summary>
    public static int TakeFree()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var port = RandomNumberGenerator.GetInt32(First, Last);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }

        throw new DistributedApplicationException($"No free port found between {First} and {Last} in {Attempts} attempts.");
    }

    public static bool IsFree(int port) => CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // The machine has no such address, so nobody listens on it.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
