using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.AppHost.Resources.RabbitMQ;

/// <summary>Opens the AMQP 0-9-1 handshake and reads who answers: an open port may be another node's.</summary>
internal sealed class HandshakeCheck(int port, string clusterName) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var answering = await ConnectionStart.ReadClusterNameAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
            return answering == clusterName
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The node on port {port} is '{answering}', not '{clusterName}'.");
        }
        catch (Exception failure) when (failure is SocketException or IOException or InvalidDataException)
        {
            return HealthCheckResult.Unhealthy($"No AMQP handshake on port {port}: {failure.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"No AMQP handshake on port {port} within {Patience.TotalSeconds:0} s.");
        }
    }
}
