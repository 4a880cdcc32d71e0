using Microsoft.Playwright;
using OrderFlow.Tests.Support.AppHost;
using OrderFlow.Tests.Support.Browser;
using static Microsoft.Playwright.Assertions;
using GatewayOrders = OrderFlow.Tests.Support.EndToEnd.Orders;

namespace OrderFlow.Tests.Monitor.Components;

/// <summary>The Aspire dashboard as somebody uses it who has just started the system.</summary>
public sealed class AspireDashboardTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int OrderCount = 3;

    [Fact]
    public async Task Aspire_dashboard_shows_resources_places_orders_and_has_one_trace_for_each()
    {
        await using var host = await AppHostProcess.StartHealthyAsync("--Simulation:Work=false");
        var login = host.Url("Aspire dashboard");
        await using var viewer = await chromium.OpenAsync(new Uri(login.GetLeftPart(UriPartial.Authority)));
        var page = viewer.Page;
        await page.GotoAsync(login.PathAndQuery);

        foreach (var resource in new[]
        {
            "messaging",
            "postgres",
            "orders",
            "payments",
            "notifications",
            "events",
            "prometheus",
            "gateway",
            "order-service",
            "payment-service",
            "notification-service",
            "monitor",
        })
        {
            await Expect(Row(page, resource)).ToContainTextAsync("Running");
        }

        foreach (var link in new[] { "RabbitMQ management", "Prometheus graph", "Order API: try it", "OrderFlow console" })
        {
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true })).ToBeVisibleAsync();
        }

        // The banner of a certificate that is not trusted is one.
        (await page.Locator("fluent-message-bar, .fluent-messagebar").CountAsync()).ShouldBe(0);
        await Row(page, "gateway").GetByTitle("Place an order").ClickAsync();
        await Expect(page.GetByText("gateway \"Place an order\" succeeded")).ToBeVisibleAsync();
        using var gateway = new HttpClient { BaseAddress = new Uri(host.Url("Order API").GetLeftPart(UriPartial.Authority)) };
        for (var n = 1; n < OrderCount; n++)
        {
            await GatewayOrders.PlaceAsync(gateway, TestContext.Current.CancellationToken);
        }

        await page.GotoAsync("/traces");
        await Expect(page.GetByText("gateway: POST /orders")).ToHaveCountAsync(OrderCount);
        await Expect(page.GetByText($"{OrderCount} traces")).ToBeVisibleAsync();
    }

    private static ILocator Row(IPage page, string resource) =>
        page.Locator("tr, [role=row]").Filter(new() { Has = page.GetByText(resource, new() { Exact = true }) }).First;
}
