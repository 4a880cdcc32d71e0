using System.Net;
using System.Text.Json;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>The whole system while a part of it takes no more: the edge turns orders away, and what it accepted arrives once.</summary>
public sealed class OverloadTests
{
    private const int PerSecond = 50;

    /// <summary>
    /// What a process may grow by: the Gateway's 4,096 orders in flight and 8,192 unconfirmed events, or a service's prefetch of 256 and
    /// 8,192 events to dispatch, at 4 KB each, and as much again for .NET, which takes memory before it collects.
    /// </summary>
    private const long MostGrowth = 2 * (4_096 + 8_192) * 4_096L;

    /// <summary>The confirm time-out, 10 s, and the wait for room; the rest is for a busy machine.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(25);

    /// <summary>An event that the full queue refused waits in the outbox, at the third time for 20 s, then 40 s, then a minute.</summary>
    private static readonly TimeSpan LongestJourney = TimeSpan.FromMinutes(3);

    private static readonly string[] Services =
    [
        ResourceNames.Gateway, ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService,
    ];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Overload_is_answered_with_Retry_After_and_every_accepted_order_arrives_once()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken);
        // Warm: what a process takes for its first orders is no pressure.
        var warm = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Orders.PlaceAsync(host.Gateway, CancellationToken)));
        foreach (var order in warm)
        {
            await host.Tap.WaitForAsync(order, ["notification.sent"]);
        }

        var before = await MemoryAsync(host);
        var pressure = PressAsync(host);
        var orders = await Orders.StreamAsync(host.Gateway, PerSecond, pressure, CancellationToken);
        var after = await pressure;

        orders.Accepted.Count.ShouldBeGreaterThan(PerSecond);
        foreach (var order in orders.Accepted)
        {
            await host.Tap.WaitForAsync(order, ["notification.sent"], LongestJourney);
        }

        orders.Accepted.ShouldAllBe(order => host.Tap.DifferentOf(order, "notification.sent") == 1);
        orders.Refused.Select(answer => answer.Status)
            .Distinct()
            .ShouldBeSubsetOf([HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests]);
        orders.Refused.ShouldAllBe(answer => answer.RetryAfter > TimeSpan.Zero);
        orders.Slowest.ShouldBeLessThan(LongestAnswer);
        foreach (var (service, bytes) in after)
        {
            (bytes - before[service]).ShouldBeLessThan(MostGrowth, $"{service} grew from {before[service]} to {bytes} bytes");
        }
    }

    private static async Task<Dictionary<string, long>> PressAsync(OrderFlowHost host)
    {
        // No memory: the broker blocks whoever publishes.
        await host.ControlBrokerAsync(CancellationToken, "set_vm_memory_high_watermark", "0.000001");
        await AnswersAsync(host, HttpStatusCode.ServiceUnavailable);
        await HealthAsync(host, "Degraded");
        await host.ControlBrokerAsync(CancellationToken, "set_vm_memory_high_watermark", "0.6");
        await AnswersAsync(host, HttpStatusCode.Accepted);
        await HealthAsync(host, "Healthy");

        // A database that stands still, and a queue that may not grow for it.
        await host.ControlBrokerAsync(
            CancellationToken, "set_policy", "full", "^order-service$", """{"max-length":20}""", "--apply-to", "queues");
        var database = await host.ProcessesOfAsync(ResourceNames.Postgres, CancellationToken);
        await ProcessTree.SignalAsync("STOP", database, CancellationToken);
        try
        {
            await AnswersAsync(host, HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await ProcessTree.SignalAsync("CONT", database, CancellationToken);
        }

        var memory = await MemoryAsync(host);
        await AnswersAsync(host, HttpStatusCode.Accepted);
        await host.ControlBrokerAsync(CancellationToken, "clear_policy", "full");
        return memory;
    }

    /// <summary>Waits until an order is answered so.</summary>
    private static Task AnswersAsync(OrderFlowHost host, HttpStatusCode status)
    {
        HttpStatusCode? last = null;
        return Wait.UntilAsync(
            () => $"the Gateway answered {last} instead of {status}",
            async () =>
            {
                using var response = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(
                    host.Gateway, "/orders", Orders.Valid, CancellationToken);
                return (last = response.StatusCode) == status;
            },
            TimeSpan.FromSeconds(60));
    }

    private static Task HealthAsync(OrderFlowHost host, string status)
    {
        string? last = null;
        return Wait.UntilAsync(
            () => $"the Gateway's health said {last} instead of {status}",
            async () =>
            {
                using var health = JsonDocument.Parse(
                    await (await host.Gateway.GetAsync(new Uri("/health", UriKind.Relative), CancellationToken)).Content.ReadAsStringAsync(
                        CancellationToken));
                return (last = health.RootElement.GetProperty("checks").GetProperty("messaging").GetString()) == status;
            },
            TimeSpan.FromSeconds(30));
    }

    private static async Task<Dictionary<string, long>> MemoryAsync(OrderFlowHost host)
    {
        var memory = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var service in Services)
        {
            memory[service] = (await host.ProcessesOfAsync(service, CancellationToken)).Sum(ProcessTree.ResidentBytes);
        }

        return memory;
    }
}
