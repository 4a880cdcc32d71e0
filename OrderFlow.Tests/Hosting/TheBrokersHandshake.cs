using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.AppHost.Resources.RabbitMQ;

namespace OrderFlow.Tests.Hosting;

public sealed class TheBrokersHandshake
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_the_own_node_is_healthy()
    {
        using var server = new FakeServer(ConnectionStart("orderflow-1"));

        (await CheckAsync(server, "orderflow-1")).Status.ShouldBe(HealthStatus.Healthy);

        server.Received.ShouldBe("AMQP\0\0\u0009\u0001"u8.ToArray());
    }

    [Fact]
    public async Task Of_another_node_on_the_port_is_not()
    {
        using var server = new FakeServer(ConnectionStart("rabbit@elsewhere"));

        var result = await CheckAsync(server, "orderflow-1");

        result.Status.ShouldBe(HealthStatus.Unhealthy);
        result.Description.ShouldBe($"The node on port {server.Port} is 'rabbit@elsewhere', not 'orderflow-1'.");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "the server does not speak AMQP 0-9-1.")]
    [InlineData("AMQP\0\u0001\0\0", "the server does not speak AMQP 0-9-1.")]
    [InlineData("\u0001\0\0\0\0\0\u0004\0\u000a\0\u000b\u00ce", "the server has no cluster name.")]
    [InlineData("\u0001\0\0\0\0\0\u000a\0\u000a\0\u000a\0\u0009\u007f\0\0\0\u00ce", "the server has no cluster name.")]
    public async Task Of_something_else_is_not(string answer, string reason)
    {
        using var server = new FakeServer([.. answer.Select(c => (byte)c)]);

        var result = await CheckAsync(server, "orderflow-1");

        result.Status.ShouldBe(HealthStatus.Unhealthy);
        result.Description.ShouldBe($"No AMQP handshake on port {server.Port}: {reason}");
    }

    [Fact]
    public async Task Of_nobody_is_not()
    {
        int port;
        using (var server = new FakeServer([]))
        {
            port = server.Port;
        }

        var result = await new HandshakeCheck(port, "orderflow-1").CheckHealthAsync(new(), CancellationToken);

        result.Status.ShouldBe(HealthStatus.Unhealthy);
        result.Description.ShouldStartWith($"No AMQP handshake on port {port}: ");
    }

    private static Task<HealthCheckResult> CheckAsync(FakeServer server, string expected) =>
        new HandshakeCheck(server.Port, expected).CheckHealthAsync(new(), CancellationToken);

    /// <summary>The frame as RabbitMQ sends it: capabilities first, then texts, the cluster name among them.</summary>
    private static byte[] ConnectionStart(string clusterName)
    {
        byte[] capabilities = [.. Name("capabilities"), (byte)'F', .. Long([.. Name("basic.nack"), (byte)'t', 1])];
        byte[] properties = [.. capabilities, .. Text("copyright", "C"), .. Text("cluster_name", clusterName), .. Text("version", "3.10.8")];
        byte[] method = [0, 10, 0, 10, 0, 9, .. Long(properties), .. Long("PLAIN"u8.ToArray()), .. Long("en_US"u8.ToArray())];
        return [1, 0, 0, .. Long(method), 0xCE];

        static byte[] Name(string name) => [(byte)name.Length, .. System.Text.Encoding.UTF8.GetBytes(name)];
        static byte[] Text(string name, string value) => [.. Name(name), (byte)'S', .. Long(System.Text.Encoding.UTF8.GetBytes(value))];
        static byte[] Long(byte[] bytes) => [0, 0, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    private sealed class FakeServer : IDisposable
    {
        private const int HeaderLength = 8;
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public FakeServer(byte[] answer)
        {
            _listener.Start();
            _ = AnswerAsync(answer);
        }

        public int Port { get; private set; }

        public byte[] Received { get; } = new byte[HeaderLength];

        public void Dispose() => _listener.Dispose();

        private async Task AnswerAsync(byte[] answer)
        {
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                await stream.ReadExactlyAsync(Received);
                await stream.WriteAsync(answer);
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                // Nobody asked.
            }
        }
    }
}
