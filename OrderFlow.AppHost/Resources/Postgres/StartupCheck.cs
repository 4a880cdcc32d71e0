using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.AppHost.Resources.Postgres;

/// <summary>
/// Begins to log in, as protocol 3.0 has it, and sees whether the server asks for a password. One that starts, stops or recovers answers
/// with an error instead; another program on the port with something else. Without the driver the AppHost goes no further.
/// </summary>
internal sealed class StartupCheck(int port) : IHealthCheck
{
    private const byte AuthenticationRequest = (byte)'R';
    private const byte ErrorResponse = (byte)'E';
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Length, version 3.0, <c>user</c> and <c>database</c>.</summary>
    private static readonly byte[] StartupMessage = [0, 0, 0, 44, 0, 3, 0, 0, .. "user\0healthcheck\0database\0postgres\0\0"u8];

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await AskAsync(limit.Token) switch
            {
                AuthenticationRequest => HealthCheckResult.Healthy(),
                ErrorResponse => HealthCheckResult.Unhealthy($"The server on port {port} lets nobody log in yet."),
                var other => HealthCheckResult.Unhealthy($"What listens on port {port} is no PostgreSQL: it answered with byte {other}."),
            };
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy($"No PostgreSQL on port {port}: {failure.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"No answer on port {port} within {Patience.TotalSeconds:0} s.");
        }
    }

    private async Task<byte> AskAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(StartupMessage, cancellationToken);
        var answer = new byte[1];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return answer[0];
    }
}
