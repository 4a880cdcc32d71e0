using Microsoft.Playwright;
using OrderFlow.Tests.Support.AppHost;
using OrderFlow.Tests.Support.Browser;
using OrderFlow.Tests.Support.EndToEnd;
using OrderFlow.Tests.Support.RabbitMQ;
using GatewayOrders = OrderFlow.Tests.Support.EndToEnd.Orders;

namespace OrderFlow.Tests.Monitor.Components;

/// <summary>
/// Takes the pictures in docs/images, only when asked to: <c>dotnet run -c Release --project OrderFlow.Tests -- -explicit only -class
/// OrderFlow.Tests.Monitor.Components.ScreenshotTests</c>. They are of a system of its own, whose customers order for two minutes and some
/// of whose notifications fail.
/// </summary>
public sealed class ScreenshotTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly TimeSpan Business = TimeSpan.FromMinutes(2);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Screenshots_of_every_page_are_taken()
    {
        await using var host = await OrderFlowHost.StartAsync(
            CancellationToken, "--Simulation:Work=true", "--Simulation:FailureRate=0.03", "--Simulation:DeclineRate=0.05",
            "--Messaging:RetryTiers=1s");
        await Task.WhenAll(
            GatewayOrders.StreamAsync(host.Gateway, perSecond: 15, Task.Delay(Business, CancellationToken), CancellationToken),
            OrderThingsThatAreNotThereAsync(host.Gateway));

        await using var viewer = await chromium.OpenAsync(host.Monitor.BaseAddress!);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        var images = Directory.CreateDirectory(Repository.File("docs/images")).FullName;

        await TakeAsync("overview", "/?window=5m", "[data-chart]:has(canvas)");
        await TakeAsync("orders", "/orders", "table.list tbody tr");
        var order = (await viewer.ApiAsync("/api/orders?status=ended&limit=1"))
            .GetProperty("orders")[0]
            .GetProperty("orderId")
            .GetString();
        await TakeAsync("order", $"/orders/{order}", "[data-stage]");
        await TakeAsync("trace", $"/orders/{order}/trace", ".waterfall tbody tr");
        await TakeAsync("traces", "/traces", "table.list tbody tr");
        await TakeAsync("operations", "/operations", "table.list tbody tr");
        await TakeAsync("dead-letters", "/dead-letters", "section.panel tbody tr");
        await TakeAsync("slow-traces", "/slow-traces", "main");
        await TakeAsync("services", "/services", "section.panel tbody tr");

        async Task TakeAsync(string name, string path, string when)
        {
            await viewer.Page.GotoAsync(path);
            await Assertions.Expect(viewer.Page.Locator(when).First).ToBeVisibleAsync();
            await viewer.Page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(images, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }

    [Fact(Explicit = true)]
    public async Task Screenshot_of_the_Aspire_dashboard_is_taken()
    {
        await using var host = await AppHostProcess.StartHealthyAsync(
            "--Ports:Gateway=8080", "--Ports:Dashboard=18888", "--Ports:Monitor=8090", "--Ports:Prometheus=9090");
        using var gateway = new HttpClient { BaseAddress = new Uri("http://localhost:8080") };
        for (var n = 0; n < 10; n++)
        {
            await GatewayOrders.PlaceAsync(gateway, CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken);
        }

        var login = host.Url("Aspire dashboard");
        await using var viewer = await chromium.OpenAsync(new Uri(login.GetLeftPart(UriPartial.Authority)));
        var page = viewer.Page;
        await page.SetViewportSizeAsync(1400, 900);
        await page.GotoAsync(login.PathAndQuery);
        await TakeAsync("resources", page.GetByText("Prometheus graph"));
        await page.GotoAsync("/traces");
        await TakeAsync("traces", page.GetByText("10 traces"));
        await page.GetByText("gateway: POST /orders").Last.ClickAsync();
        await TakeAsync("trace", page.GetByText("notification-service").First);
        await page.GotoAsync(
            "/metrics/resource/notification-service?meter=OrderFlow.Messaging&instrument=event_processing.end_to_end_latency&duration=1");
        await TakeAsync("metrics", page.Locator(".js-plotly-plot .scatterlayer"));

        async Task TakeAsync(string name, ILocator when)
        {
            await Assertions.Expect(when.First).ToBeVisibleAsync();
            await page.ScreenshotAsync(
                new PageScreenshotOptions
                {
                    Path = Repository.File($"docs/images/aspire-{name}.png"),
                    Animations = ScreenshotAnimations.Disabled,
                });
        }
    }

    /// <summary>So that some orders are rejected, too.</summary>
    private static async Task OrderThingsThatAreNotThereAsync(HttpClient gateway)
    {
        for (var i = 0; i < 40; i++)
        {
            await GatewayOrders.PlaceAsync(
                gateway,
                new
                {
                    items = new[] { new { id = i % 2 == 0 ? "item-gone" : "item-unknown", quantity = 1, unitPrice = 19.9 } },
                    userId = $"user-{i}",
                },
                CancellationToken);
            await Task.Delay(Business / 40, CancellationToken);
        }
    }
}
