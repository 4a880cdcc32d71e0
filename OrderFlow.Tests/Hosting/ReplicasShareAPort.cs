using System.Net;
using System.Net.Sockets;
using System.Text;
using OrderFlow.Hosting.Running;

namespace OrderFlow.Tests.Hosting;

public sealed class ReplicasShareAPort
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_connection_after_the_other()
    {
        using var one = new Greeter("one");
        using var two = new Greeter("two");
        var port = LoopbackPorts.TakeFree(20_000);
        using var proxy = new ReplicaProxy("web", port, [one.Port, two.Port]);
        proxy.Start();

        string[] greetings = [await AskAsync(port), await AskAsync(port), await AskAsync(port), await AskAsync(port)];

        greetings.ShouldBe(["one", "two", "one", "two"]);
    }

    [Fact]
    public async Task And_one_that_is_down_is_passed_over()
    {
        using var alive = new Greeter("alive");
        var dead = LoopbackPorts.TakeFree(20_000);
        var port = LoopbackPorts.TakeFree(20_000);
        using var proxy = new ReplicaProxy("web", port, [dead, alive.Port]);
        proxy.Start();

        string[] greetings = [await AskAsync(port), await AskAsync(port), await AskAsync(port)];

        greetings.ShouldBe(["alive", "alive", "alive"]);
    }

    [Fact]
    public async Task What_the_client_sends_arrives_whole_and_so_does_the_answer()
    {
        using var echo = new Echo();
        var port = LoopbackPorts.TakeFree(20_000);
        using var proxy = new ReplicaProxy("web", port, [echo.Port]);
        proxy.Start();
        var sent = new byte[1_000_000];
        Random.Shared.NextBytes(sent);

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, CancellationToken);
        await using var stream = client.GetStream();
        var received = new MemoryStream();
        var reading = stream.CopyToAsync(received, CancellationToken);
        await stream.WriteAsync(sent, CancellationToken);
        client.Client.Shutdown(SocketShutdown.Send);
        await reading;

        received.ToArray().ShouldBe(sent);
    }

    [Fact]
    public async Task A_project_runs_as_several_processes_on_ports_of_their_own()
    {
        await using var app = new LocalApp();
        app.Builder.AddProject<Projects.OrderFlow_Gateway>("web")
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/alive")
            .WithReplicas(2)
            .WithEnvironment("ConnectionStrings__messaging", "amqp://nobody:nothing@127.0.0.1:1");
        await app.StartAsync();

        await app.Notifications.WaitForResourceHealthyAsync("web", CancellationToken);
        using var client = app.App.CreateHttpClient("web");
        (await client.GetAsync(new Uri("/alive", UriKind.Relative), CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var replicas = new Dictionary<string, ResourceEvent>();
        await app.Notifications.WaitForResourceAsync("web", e => (replicas[e.ResourceId] = e) == e && replicas.Values.Count(r => r.Snapshot.HealthStatus is not null) == 2, CancellationToken);
        string[] own = [.. replicas.Values.Select(replica => replica.Snapshot.EnvironmentVariables.Single(v => v.Name == "ASPNETCORE_URLS").Value!)];
        own.Distinct().Count().ShouldBe(2);
        own.ShouldNotContain(client.BaseAddress!.ToString().TrimEnd('/'));
        replicas.Values.Select(replica => replica.Snapshot.EnvironmentVariables.Single(v => v.Name == "OTEL_RESOURCE_ATTRIBUTES").Value)
            .ShouldBe(replicas.Keys.Select(id => $"service.instance.id={id}"));
        replicas.Values.Select(replica => replica.Snapshot.EnvironmentVariables.Single(v => v.Name == "OTEL_SERVICE_NAME").Value).ShouldBe(["web", "web"]);
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await reader.ReadToEndAsync(CancellationToken);
    }

    private sealed class Greeter : Server
    {
        private readonly string _greeting;

        public Greeter(string greeting)
        {
            _greeting = greeting;
            Serve();
        }

        protected override async Task AnswerAsync(NetworkStream client) => await client.WriteAsync(Encoding.ASCII.GetBytes(_greeting));
    }

    private sealed class Echo : Server
    {
        public Echo() => Serve();

        protected override Task AnswerAsync(NetworkStream client) => client.CopyToAsync(client);
    }

    private abstract class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        protected abstract Task AnswerAsync(NetworkStream client);

        protected void Serve()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = AnswerAndCloseAsync(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAndCloseAsync(TcpClient accepted)
        {
            using var client = accepted;
            await using var stream = client.GetStream();
            await AnswerAsync(stream);
        }
    }
}
