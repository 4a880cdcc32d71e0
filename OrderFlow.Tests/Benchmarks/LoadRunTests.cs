using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrderFlow.Benchmarks.Measuring.Load;
using OrderFlow.Tests.Support;

namespace OrderFlow.Tests.Benchmarks;

/// <summary>The load against a real HTTP server.</summary>
public sealed class LoadRunTests
{
    [Fact]
    public async Task Open_loop_offers_its_rate_for_its_time()
    {
        await using var server = await Server.StartAsync(_ => StatusCodes.Status202Accepted);
        using var load = new LoadRun(new(server.Port, Seconds: 0.5, Rate: 200));

        var result = await load.RunAsync();

        result.ShouldBe(new LoadResult(100, 100, 0, 0, result.Answers));
        result.Answers.Count.ShouldBe(100);
        server.Bodies.ShouldAllBe(body => body.StartsWith("{\"items\":[{\"id\":\"item-", StringComparison.Ordinal));
        server.Bodies.Count.ShouldBe(100);
    }

    [Fact]
    public async Task Closed_loop_has_no_more_orders_under_way_than_it_may()
    {
        await using var server = await Server.StartAsync(_ => StatusCodes.Status202Accepted);
        using var load = new LoadRun(new(server.Port, Seconds: 2, Connections: 4, InFlight: 30));

        var running = load.RunAsync();
        await Wait.UntilAsync(() => server.Bodies.Count >= 30);
        load.Ended(10);
        await Wait.UntilAsync(() => server.Bodies.Count >= 40);
        var result = await running;

        result.ShouldBe(new LoadResult(40, 40, 0, 0, result.Answers));
        server.Bodies.Count.ShouldBe(40);
    }

    [Fact]
    public async Task Closed_loop_comes_to_its_number_of_orders_little_by_little()
    {
        await using var server = await Server.StartAsync(_ => StatusCodes.Status202Accepted);
        using var load = new LoadRun(new(server.Port, Seconds: 2, Connections: 4, InFlight: 1000, Ramp: 1000));

        var running = load.RunAsync();
        await Wait.UntilAsync(() => server.Bodies.Count >= 1);
        load.Ended(0);
        var result = await running;

        // One more each second, of the thousand that there may be in the end.
        result.Sent.ShouldBeInRange(1, 3);
        result.Accepted.ShouldBe(result.Sent);
    }

    [Fact]
    public async Task Closed_loop_ends_before_its_time_when_it_is_stopped()
    {
        await using var server = await Server.StartAsync(_ => StatusCodes.Status202Accepted);
        using var load = new LoadRun(new(server.Port, Seconds: 600, Connections: 4, InFlight: 30));

        var running = load.RunAsync();
        await Wait.UntilAsync(() => server.Bodies.Count >= 30);
        load.Stop();
        var result = await running.WaitAsync(Wait.Long, TestContext.Current.CancellationToken);

        load.Ended(30);
        result.ShouldBe(new LoadResult(30, 30, 0, 0, result.Answers));
        server.Bodies.Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_refused_order_is_counted_and_is_not_under_way()
    {
        await using var server = await Server.StartAsync(
            order => order <= 100 ? StatusCodes.Status429TooManyRequests : StatusCodes.Status202Accepted);
        using var load = new LoadRun(new(server.Port, Seconds: 2, Connections: 4, InFlight: 20));

        var result = await load.RunAsync();

        result.ShouldBe(new LoadResult(120, 20, 100, 0, result.Answers));
    }

    [Fact]
    public async Task A_result_is_read_as_it_was_written()
    {
        await using var server = await Server.StartAsync(_ => StatusCodes.Status202Accepted);
        using var load = new LoadRun(new(server.Port, Seconds: 0.1, Rate: 100));

        var result = await load.RunAsync();

        LoadResult.Read(result.Write()).ShouldBe(result);
    }

    private sealed class Server(WebApplication app) : IAsyncDisposable
    {
        private readonly List<string> _bodies = [];

        public int Port => new Uri(app.Urls.Single()).Port;

        public IReadOnlyList<string> Bodies
        {
            get
            {
                lock (_bodies)
                {
                    return [.. _bodies];
                }
            }
        }

        public static async Task<Server> StartAsync(Func<int, int> status)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            var server = new Server(app);
            app.MapPost("/orders", async http =>
            {
                using var reader = new StreamReader(http.Request.Body);
                http.Response.StatusCode = status(server.Add(await reader.ReadToEndAsync()));
                http.Response.ContentLength = 0;
            });
            await app.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private int Add(string body)
        {
            lock (_bodies)
            {
                _bodies.Add(body);
                return _bodies.Count;
            }
        }
    }
}
