using System.Collections.Concurrent;
using Microsoft.Playwright;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Browser;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class ApiPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task API_page_shows_the_API_and_loads_nothing_from_other_hosts()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("OpenApi:Enabled", "true"));
        await using var viewer = await chromium.OpenAsync(gateway.Address);
        var asked = new ConcurrentBag<Uri>();
        viewer.Context.Request += (_, request) => asked.Add(new Uri(request.Url));

        await viewer.Page.GotoAsync("/scalar");
        await Assertions.Expect(viewer.Page.GetByRole(AriaRole.Link, new() { Name = "Places an order" })).ToBeVisibleAsync();
        await Assertions.Expect(viewer.Page.GetByRole(AriaRole.Link, new() { Name = "Tells where an order stands" })).ToBeVisibleAsync();
        await viewer.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        asked.ShouldContain(uri => uri.AbsolutePath == "/openapi/v1.json");
        asked.Where(uri => uri.Scheme is not ("data" or "blob") && uri.Authority != gateway.Address.Authority).ShouldBeEmpty();
        viewer.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Order_can_be_placed_from_the_API_page()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("OpenApi:Enabled", "true"));
        await using var viewer = await chromium.OpenAsync(gateway.Address);
        await viewer.Page.GotoAsync("/scalar");

        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Test Request" }).First.ClickAsync();
        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).First.ClickAsync();

        await Wait.UntilAsync(() => gateway.Publisher.Published.Count == 1);
        gateway.Publisher.Published[0].Order.UserId.ShouldBe("user-123");
    }
}
