using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.AppHost;

namespace OrderFlow.Tests.Journey;

[Collection(JourneyFixture.Collection)]
public sealed class TheTraceOfAnOrder(JourneyFixture journey)
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Has_the_spans_of_all_five_hops_and_of_their_databases()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        string[] hops =
        [
            $"{ResourceNames.Gateway}: POST /orders",
            $"{ResourceNames.Gateway}: send order.events:order.created",
            $"{ResourceNames.OrderService}: process order.events:order.created:order-service",
            $"{ResourceNames.OrderService}: send payment.events:payment.requested",
            $"{ResourceNames.PaymentService}: process payment.events:payment.requested:payment-service",
            $"{ResourceNames.PaymentService}: send payment.events:payment.processed",
            $"{ResourceNames.OrderService}: process payment.events:payment.processed:order-service",
            $"{ResourceNames.OrderService}: send order.events:order.processed",
            $"{ResourceNames.NotificationService}: process order.events:order.processed:notification-service",
            $"{ResourceNames.NotificationService}: send notification.events:notification.sent",
        ];

        var spans = new List<JsonElement>();
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await journey.Host.Monitor.GetAsync(new Uri($"/api/orders/{order}/trace", UriKind.Relative), CancellationToken);
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    return false;
                }

                var told = await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
                spans = [.. told.GetProperty("traces").EnumerateArray().SelectMany(trace => trace.GetProperty("spans").EnumerateArray())];
                return hops.All(Names().Contains);
            },
            TimeSpan.FromSeconds(60),
            () => $"the spans of order {order}: {string.Join(", ", Names())}",
            CancellationToken);

        // One tree: only the first span has no parent in it.
        spans.Where(span => span.GetProperty("depth").GetInt32() == 0).ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("POST /orders");
        spans.Where(span => span.GetProperty("attributes").TryGetProperty("db.system.name", out _)).Select(span => span.GetProperty("service").GetString()).Distinct()
            .ShouldBe([ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService], ignoreOrder: true);
        var operations = await journey.Host.Monitor.GetFromJsonAsync<JsonElement>("/api/operations", CancellationToken);
        operations.GetProperty("operations").EnumerateArray()
            .ShouldContain(one => one.GetProperty("service").GetString() == ResourceNames.Gateway && one.GetProperty("name").GetString() == "POST /orders");

        List<string> Names() => [.. spans.Select(span => $"{span.GetProperty("service").GetString()}: {span.GetProperty("name").GetString()}")];
    }

    [Fact]
    public async Task Is_linked_from_its_page_and_shown_as_a_waterfall()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        var link = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await journey.Host.Monitor.GetAsync(new Uri($"/orders/{order}", UriKind.Relative), CancellationToken);
                var page = await answer.Content.ReadAsStringAsync(CancellationToken);
                var at = page.IndexOf("/traces/", StringComparison.Ordinal);
                link = at < 0 ? "" : page[at..page.IndexOf('"', at)];
                return link.Length > 0 && (await PageAsync(link)).Contains("notification-service", StringComparison.Ordinal);
            },
            TimeSpan.FromSeconds(60),
            () => $"the page of order {order} to lead to its whole trace; it leads to '{link}'",
            CancellationToken);

        (await PageAsync(link)).ShouldContain("process payment-service");
        (await PageAsync("/traces")).ShouldContain(link);
        (await PageAsync("/operations")).ShouldContain("process payment-service");

        async Task<string> PageAsync(string path)
        {
            using var answer = await journey.Host.Monitor.GetAsync(new Uri(path, UriKind.Relative), CancellationToken);
            return await answer.Content.ReadAsStringAsync(CancellationToken);
        }
    }
}
