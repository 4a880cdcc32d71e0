using System.Net;
using System.Net.Sockets;

namespace OrderFlow.AppHost.Resources.Ports;

/// <summary>Finds free ports on the loopback addresses.</summary>
internal static class LoopbackPorts
{
    private const int Range = 6_000;
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on, and that this process has not given away before.</summary>
    /// <param name="first">Lowest port of the range to search.</param>
    public static int TakeFree(int first)
    {
        // Processes that look at the same moment begin at different places, so that they hardly ever choose the same port.
        var start = Environment.ProcessId * 101 % Range;
        lock (Gate)
        {
            var port = Enumerable.Range(0, Range)
                .Select(step => first + (start + step) % Range)
                .FirstOrDefault(candidate => !Given.Contains(candidate) && IsFree(candidate));
            return port != 0 && Given.Add(port) ? port : throw new DistributedApplicationException($"No free port from {first} to {first + Range - 1}.");
        }
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
