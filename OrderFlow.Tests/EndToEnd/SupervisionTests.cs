using System.Net;
using System.Net.Http.Json;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>Processes that are killed come back, and no order that was accepted is lost meanwhile.</summary>
public sealed class SupervisionTests
{
    private const int PerSecond = 50;

    private static readonly string[] Everything =
    [
        ResourceNames.Gateway, ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService,
        ResourceNames.Monitor, ResourceNames.Prometheus, ResourceNames.Postgres, ResourceNames.Messaging,
    ];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_process_that_is_killed_comes_back_and_every_accepted_order_arrives()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken);
        var kills = KillOneAfterTheOtherAsync(host);

        var orders = await Orders.StreamAsync(host.Gateway, PerSecond, kills, CancellationToken);
        await kills;

        orders.Accepted.Count.ShouldBeGreaterThan(PerSecond);
        foreach (var order in orders.Accepted)
        {
            await host.Tap.WaitForAsync(order, ["notification.sent"]);
        }

        // While the broker was down the Gateway said so, and when to come back.
        var refused = orders.Refused.Where(answer => answer.Status is not null).ToList();
        refused.Select(answer => answer.Status).Distinct().ShouldBe([HttpStatusCode.ServiceUnavailable]);
        refused.ShouldAllBe(answer => answer.RetryAfter > TimeSpan.Zero);

        foreach (var resource in Everything)
        {
            (await host.LogOfAsync(resource)).ShouldContain($"{resource} ended with exit code");
        }
    }

    [Fact]
    public async Task A_resource_that_the_user_stops_stays_stopped_until_the_user_starts_it()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken);

        (await host.Commands.ExecuteCommandAsync(
            host.Resource(ResourceNames.Monitor), KnownResourceCommands.StopCommand, CancellationToken)).Success.ShouldBeTrue();
        // As long as it takes to notice two crashes and to start again what crashed.
        await host.KillAsync(ResourceNames.Prometheus, CancellationToken);
        await host.KillAsync(ResourceNames.Prometheus, CancellationToken);

        KnownResourceStates.TerminalStates.ShouldContain(host.StateOf(ResourceNames.Monitor));
        (await host.LogOfAsync(ResourceNames.Monitor)).ShouldNotContain("it starts again");

        (await host.Commands.ExecuteCommandAsync(
            host.Resource(ResourceNames.Monitor), KnownResourceCommands.StartCommand, CancellationToken)).Success.ShouldBeTrue();
        await host.HealthyAsync(ResourceNames.Monitor, CancellationToken);
        await host.KillAsync(ResourceNames.Monitor, CancellationToken);
    }

    [Fact]
    public async Task Each_replica_that_is_killed_comes_back()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken, "--Replicas:OrderService=2");
        var before = host.ProcessIdsOf(ResourceNames.OrderService);
        before.Count.ShouldBe(2);

        foreach (var process in before)
        {
            using var killed = System.Diagnostics.Process.GetProcessById(process);
            killed.Kill();
        }

        await Wait.UntilAsync(
            () => $"processes {string.Join(", ", before)} became {string.Join(", ", host.ProcessIdsOf(ResourceNames.OrderService))}",
            () => host.ProcessIdsOf(ResourceNames.OrderService) is { Count: 2 } now && !now.Intersect(before).Any(),
            TimeSpan.FromSeconds(60));
        await host.HealthyAsync(ResourceNames.OrderService, CancellationToken);
        var order = await Orders.PlaceAsync(host.Gateway, CancellationToken);
        await host.Tap.WaitForAsync(order, ["notification.sent"]);
    }

    private static async Task KillOneAfterTheOtherAsync(OrderFlowHost host)
    {
        foreach (var resource in Everything)
        {
            await host.KillAsync(resource, CancellationToken);
            // Orders flow again before the next one is killed.
            await Wait.UntilAsync(
                () => $"no order accepted after {resource} was killed",
                async () => await AcceptsAsync(host.Gateway),
                TimeSpan.FromSeconds(60));
        }
    }

    private static async Task<bool> AcceptsAsync(HttpClient gateway)
    {
        using var response = await gateway.PostAsJsonAsync("/orders", Orders.Valid, CancellationToken);
        return response.StatusCode == HttpStatusCode.Accepted;
    }
}
