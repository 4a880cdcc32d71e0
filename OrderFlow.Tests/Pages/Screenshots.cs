using System.Text.Json;
using Microsoft.Playwright;
using OrderFlow.Tests.Messaging;

namespace OrderFlow.Tests.Pages;

/// <summary>
/// Takes the pictures in docs/images from a system that runs and has orders, only when asked to:
/// <c>OrderFlow.Tests -explicit only -class OrderFlow.Tests.Pages.Screenshots</c>, with <c>ORDERFLOW_RUN</c> as its run directory if that is not <c>.run</c>.
/// </summary>
public sealed class Screenshots(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact(Explicit = true)]
    public async Task Of_the_overview_of_an_order_and_of_its_trace()
    {
        var run = Environment.GetEnvironmentVariable("ORDERFLOW_RUN") is { Length: > 0 } set ? set : Repository.File(".run");
        using var connection = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(run, "connection.json"), TestContext.Current.CancellationToken));
        var images = Directory.CreateDirectory(Repository.File("docs/images")).FullName;
        await using var viewer = await chromium.OpenAsync(new Uri(connection.RootElement.GetProperty("monitor").GetString()!));
        await viewer.LogInAsync(connection.RootElement.GetProperty("monitorToken").GetString()!);

        await viewer.Page.GotoAsync("/?window=5m");
        await Assertions.Expect(viewer.Page.Locator("[data-chart]:has(canvas)")).ToHaveCountAsync(5);
        await TakeAsync("overview");

        var orders = await viewer.ApiAsync("/api/orders?status=ended&limit=1");
        await viewer.Page.GotoAsync($"/orders/{orders.GetProperty("orders")[0].GetProperty("orderId").GetString()}");
        await viewer.Page.Locator("details").First.EvaluateAsync("details => details.open = true");
        await TakeAsync("order");

        await viewer.Page.Locator("dd a[href$='/trace']").ClickAsync();
        await Assertions.Expect(viewer.Page.Locator(".waterfall tbody tr")).Not.ToHaveCountAsync(0);
        await TakeAsync("trace");

        Task TakeAsync(string name) => viewer.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(images, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
    }
}
