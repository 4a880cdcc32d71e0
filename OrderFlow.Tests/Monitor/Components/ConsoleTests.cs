using System.Globalization;
using Microsoft.Playwright;
using OrderFlow.Contracts;
using OrderFlow.Monitor.Latency;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Browser;
using OrderFlow.Tests.Support.EndToEnd;
using static Microsoft.Playwright.Assertions;
using GatewayOrders = OrderFlow.Tests.Support.EndToEnd.Orders;

namespace OrderFlow.Tests.Monitor.Components;

/// <summary>The console as a person uses it, in a real browser.</summary>
[Collection(JourneyFixture.Collection)]
public sealed class ConsoleTests(JourneyFixture journey, Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    private Uri Console => journey.Host.Monitor.BaseAddress!;

    [Fact]
    public async Task Wrong_token_is_refused_and_the_right_one_opens_the_requested_page()
    {
        await using var viewer = await chromium.OpenAsync(Console);
        await viewer.Page.GotoAsync("/orders?status=open");
        await Expect(viewer.Page).ToHaveTitleAsync("Log in – OrderFlow");

        await viewer.Page.GetByLabel("Token").FillAsync("not-the-token-of-this-run");
        await viewer.Page.Keyboard.PressAsync("Enter");
        await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not the token");
        (await viewer.Context.CookiesAsync()).ShouldBeEmpty();

        await viewer.Page.GetByLabel("Token").FillAsync(OrderFlowHost.MonitorToken);
        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(viewer.Page).ToHaveURLAsync(new Uri(Console, "/orders?status=open").ToString());
        var cookie = (await viewer.Context.CookiesAsync()).ShouldHaveSingleItem();
        (cookie.HttpOnly, cookie.SameSite).ShouldBe((true, SameSiteAttribute.Strict));
        cookie.Value.ShouldNotContain(OrderFlowHost.MonitorToken);
    }

    [Fact]
    public async Task New_order_is_found_by_id_with_the_keyboard_and_shows_its_events()
    {
        await using var viewer = await chromium.OpenAsync(Console);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        var order = await GatewayOrders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Content = System.Net.Http.Json.JsonContent.Create(
            new { items = new[] { new { id = "item-1", quantity = 2 } }, userId = "user-123", email = "somebody@example.org" }));

        await viewer.Page.Keyboard.PressAsync("/");
        await Expect(viewer.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await viewer.Page.Keyboard.TypeAsync(order);
        await viewer.Page.Keyboard.PressAsync("Enter");

        // It may not be stored yet: then the page looks again by itself.
        await Expect(viewer.Page).ToHaveTitleAsync($"Order {order} – OrderFlow");
        await Expect(viewer.Page.Locator(".waterfall tbody tr td:first-child a"))
            .ToHaveTextAsync(["order.created", "payment.requested", "payment.processed", "order.processed", "notification.sent"]);
        await Expect(viewer.Page.Locator(".badge").First).ToHaveTextAsync("completed");
        (await viewer.Page.Locator(".tree li li li li li").CountAsync()).ShouldBe(1);

        await viewer.Page.Locator(".waterfall a").First.ClickAsync();
        var body = viewer.Page.Locator("details[open] pre").First;
        await Expect(body).ToContainTextAsync(order);
        await Expect(body).ToContainTextAsync("\"email\": \"•••\"");
        (await viewer.Page.ContentAsync()).ShouldNotContain("somebody@example.org");
        var api = await viewer.ApiAsync($"/api/orders/{order}");
        (await viewer.Page.Locator("[data-figure=ageMs]").InnerTextAsync()).ShouldBe(Format.Ms(api.GetProperty("ageMs").GetDouble()));
        viewer.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Order_page_shows_stages_that_sum_to_the_end_to_end_time()
    {
        await using var viewer = await chromium.OpenAsync(Console);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        var order = await GatewayOrders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        await Wait.UntilAsync(
            () => $"order {order} to be stored at the Monitor",
            async () =>
            {
                using var answer = await journey.Host.Monitor.GetAsync(
                    new Uri($"/api/orders/{order}", UriKind.Relative), CancellationToken);
                return answer.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(60));
        await viewer.Page.GotoAsync($"/orders/{order}");

        await Expect(viewer.Page.Locator("[data-stage='accept']")).ToHaveCountAsync(1);
        foreach (var hop in new[] { "order.created", "payment.requested", "payment.processed", "order.processed" })
        {
            await Expect(viewer.Page.Locator($"[data-stage='{hop}/handling']")).ToBeVisibleAsync();
        }

        var rows = await viewer.Page.Locator("[data-stage] td:nth-child(4)").AllInnerTextsAsync();
        var sum = rows.Sum(
            row =>
                decimal.Parse(
                    row.Replace(" ms", "", StringComparison.Ordinal).Replace('−', '-'),
                    NumberStyles.Number,
                    CultureInfo.InvariantCulture));
        var told = (await journey.Host.Tap.WaitForAsync(order, ["notification.sent"]))["notification.sent"];
        var endToEnd = NotificationSent.Parser.ParseFrom(told.Body.Span).EndToEndMicros;
        sum.ShouldBe(endToEnd / 1000m);
        (await viewer.Page.Locator("[data-figure=stagesSum]").InnerTextAsync()).ShouldBe(Format.Exact(endToEnd));
        (await viewer.Page.Locator("[data-figure=endToEnd]").InnerTextAsync()).ShouldBe(Format.Exact(endToEnd));
        (await viewer.ApiAsync($"/api/orders/{order}")).GetProperty("ageMs").GetDouble().ShouldBe(endToEnd / 1000.0, 0.0005);
        (await viewer.Page.Locator("[data-stage='payment.requested/handling'] td:nth-child(3)").InnerTextAsync())
            .ShouldBe("payment-service");
        viewer.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Overview_shows_the_figures_of_the_api_and_keeps_them_up_to_date()
    {
        await using var viewer = await chromium.OpenAsync(Console);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        await GatewayOrders.PlaceAsync(journey.Host.Gateway, CancellationToken);

        await Expect(viewer.Page.Locator("[data-chart]:has(canvas)")).ToHaveCountAsync(5);
        var (told, shown) = ("", "");
        await Wait.UntilAsync(
            () => $"the API tells {told}, the page shows {shown}",
            async () =>
            {
                var api = await viewer.ApiAsync("/api/dashboard");
                told =
                    $"{Format.Ms(api.GetProperty("p50Ms").GetDouble())} {Format.Ms(api.GetProperty("p99Ms").GetDouble())} "
                    + $"{api.GetProperty("openFlows").GetInt64()} {api.GetProperty("deadLetterQueueSize").GetInt64()}";
                shown =
                    $"{await FigureAsync("p50Ms")} {await FigureAsync("p99Ms")} {await FigureAsync("openFlows")} "
                    + $"{await FigureAsync("deadLetterQueueSize")}";
                return told == shown && api.GetProperty("openFlows").GetInt64() == 0;
            },
            TimeSpan.FromSeconds(30));
        viewer.Complaints.ShouldBeEmpty();

        Task<string> FigureAsync(string name) => viewer.Page.Locator($"[data-figure={name}]").InnerTextAsync();
    }

    [Theory]
    [InlineData("/nothing", "There is no such page")]
    [InlineData("/orders/nothing", "Order nothing is not stored here")]
    public async Task Unknown_page_or_id_has_a_page_of_its_own(string path, string told)
    {
        using var answer = await journey.Host.Monitor.GetAsync(new Uri(path, UriKind.Relative), CancellationToken);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(CancellationToken)).ShouldContain(told);
    }

    [Fact]
    public async Task Theme_follows_the_system_until_it_is_switched()
    {
        await using var viewer = await chromium.OpenAsync(Console, ColorScheme.Dark);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        (await BrightnessAsync()).ShouldBeLessThan(60);

        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();
        (await BrightnessAsync()).ShouldBeGreaterThan(200);
        await viewer.Page.GotoAsync("/services");
        (await BrightnessAsync()).ShouldBeGreaterThan(200);
        viewer.Complaints.ShouldBeEmpty();

        Task<int> BrightnessAsync() =>
            viewer.Page.EvaluateAsync<int>("() => Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])");
    }

    [Fact]
    public async Task Times_are_in_the_viewers_time_zone_and_no_page_is_wider_than_the_window()
    {
        await GatewayOrders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        await using var viewer = await chromium.OpenAsync(Console);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        await viewer.Page.GotoAsync("/orders");
        var time = viewer.Page.Locator("local-time").First;
        var utc = DateTimeOffset.Parse((await time.GetAttributeAsync("datetime"))!);
        (await time.EvaluateAsync<string>("time => time.shadowRoot.textContent"))
            .ShouldBe(utc.ToOffset(new TimeSpan(5, 45, 0)).ToString("yyyy-MM-dd HH:mm:ss"));
        (await time.GetAttributeAsync("title")).ShouldNotBeNull().ShouldEndWith("UTC");

        var order = await viewer.Page.Locator("table a[href^='/orders/']").First.GetAttributeAsync("href");
        foreach (var width in new[] { 1280, 800, 390 })
        {
            await viewer.Page.SetViewportSizeAsync(width, 900);
            foreach (var path in new[]
            {
                "/",
                "/orders",
                order!,
                $"{order}/trace",
                "/traces",
                "/operations",
                "/slow-traces",
                "/dead-letters",
                "/services",
            })
            {
                await viewer.Page.GotoAsync(path);
                (await viewer.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"))
                    .ShouldBeLessThanOrEqualTo(0, $"{path} at {width} px");
            }
        }

        viewer.Complaints.ShouldBeEmpty();
    }
}
