using Microsoft.Playwright;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Browser;
using OrderFlow.Tests.Support.EndToEnd;
using static Microsoft.Playwright.Assertions;
using GatewayOrders = OrderFlow.Tests.Support.EndToEnd.Orders;

namespace OrderFlow.Tests.Monitor.Components;

/// <summary>The dead-letter pages as an operator uses them after an alert.</summary>
public sealed class DeadLetterPagesTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Service = "notification-service";
    private const int Unlucky = 8;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_are_listed_with_their_value_opened_and_replayed_in_steps()
    {
        await using var customers = await CustomersWebhook.StartAsync();
        customers.Refuse("unlucky", int.MaxValue);
        await using var host = await OrderFlowHost.StartAsync(customers.Environment, CancellationToken, "--Messaging:RetryTiers=");
        var orders = new List<string>();
        for (var n = 0; n < Unlucky; n++)
        {
            orders.Add(await GatewayOrders.PlaceAsync(
                host.Gateway,
                new
                {
                    items = new[] { new { id = "item-1", quantity = 1, unitPrice = 12.5 } },
                    currency = "EUR",
                    userId = "unlucky",
                    email = "somebody@example.org",
                }, CancellationToken));
        }

        await using var viewer = await chromium.OpenAsync(host.Monitor.BaseAddress!);
        await viewer.LogInAsync(OrderFlowHost.MonitorToken);
        var page = viewer.Page;
        // The page shows what there is when it is opened.
        await Wait.UntilAsync("all are dead letters", async () =>
        {
            await page.GotoAsync("/dead-letters");
            return await page.Locator("[data-figure=orders]").AllInnerTextsAsync() is [var orders] && orders == $"{Unlucky}";
        });
        await Expect(page.Locator("[data-figure=value]")).ToHaveTextAsync("100.00 EUR");
        await Expect(page.Locator("[data-figure=valueUnknown]")).ToHaveTextAsync("0");

        await page.Locator($"#{Service} tbody a").First.ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(Unlucky);
        await page.Locator("tbody a.id").First.ClickAsync();
        await Expect(page.Locator(".badge").First).ToHaveTextAsync("dead letter");
        await Expect(page.Locator("pre").First).ToContainTextAsync("\"email\": \"•••\"");
        await Expect(page.Locator("main")).ToContainTextAsync("HttpRequestException");
        (await page.ContentAsync()).ShouldNotContain("somebody@example.org");

        var message = new Uri(page.Url).AbsolutePath;
        await page.SetViewportSizeAsync(390, 900);
        foreach (var path in new[]
        {
            "/dead-letters",
            $"/dead-letters/{Service}",
            message,
            $"/dead-letters/decide?act=replay&service={Service}&all=true",
        })
        {
            await page.GotoAsync(path);
            (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, path);
        }

        await page.SetViewportSizeAsync(1280, 900);
        customers.Refuse("unlucky", 0);
        await page.GotoAsync("/dead-letters");
        await page.GetByText("Replay all…").ClickAsync();
        await Expect(page.GetByText("In steps of 1, 5, 2")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Replay {Unlucky}" }).ClickAsync();
        // Longer than a staged replay waits for the outcome of its messages: when it stops, the page shows why.
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            $"All {Unlucky} were sent back; {Unlucky} were handled.", new() { Timeout = 90_000 });
        await Expect(page.Locator(".badge").First).ToHaveTextAsync("done");
        (await page.Locator("#steps tbody tr").AllInnerTextsAsync())
            .Select(row => string.Join(' ', row.Split('\t', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            .ShouldBe(["1 1 1 1 0 0", "2 5 5 5 0 0", "3 2 2 2 0 0"]);
        await Expect(page.Locator("[data-figure=handled]")).ToHaveTextAsync($"{Unlucky}");

        customers.NotificationsOf("unlucky").Select(sent => sent.OrderId).ShouldBe(orders, ignoreOrder: true);
        await page.GotoAsync(message);
        await Expect(page.GetByText("Handled after its replay")).ToBeVisibleAsync();
        await page.GotoAsync("/dead-letters");
        await Expect(page.GetByText("No dead letters")).ToBeVisibleAsync();
        viewer.Complaints.ShouldBeEmpty();
    }
}
