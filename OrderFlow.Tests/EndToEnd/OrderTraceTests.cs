using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

[Collection(JourneyFixture.Collection)]
public sealed class OrderTraceTests(JourneyFixture journey)
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_trace_of_an_order_has_all_hops_and_database_spans_and_a_critical_path_over_its_duration()
    {
        var order = "";
        var shown = default(JsonElement);

        var spans = new List<JsonElement>();
        // What a transaction does for several events is in the trace of one of them: this order is to have shared none.
        for (var placed = 0; placed == 0 || (placed < 5 && spans.Exists(IsShared)); placed++)
        {
            order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
            await WaitForTraceAsync();
        }

        async Task WaitForTraceAsync() => await Wait.UntilAsync(
            () => $"the spans of order {order}: {string.Join(", ", Names())}",
            async () =>
            {
                using var answer = await journey.Host.Monitor.GetAsync(
                    new Uri($"/api/orders/{order}/trace", UriKind.Relative), CancellationToken);
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    return false;
                }

                shown = await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
                spans = [.. shown.GetProperty("traces").EnumerateArray().SelectMany(trace => trace.GetProperty("spans").EnumerateArray())];
                return OneTracePerOrderTests.Hops.All(Names().Contains)
                    && shown.GetProperty("criticalPath").GetProperty("micros").GetInt64() == WholeMicros();
            },
            TimeSpan.FromSeconds(60));

        // One tree: only the first span has no parent in it.
        spans.Where(span => span.GetProperty("depth").GetInt32() == 0)
            .ShouldHaveSingleItem()
            .GetProperty("name")
            .GetString()
            .ShouldBe("POST /orders");
        // The first statement of a service may have to open a connection.
        var statements = spans.Where(
            span => span.GetProperty("scope").GetString() == "Npgsql"
                && !span.GetProperty("name").GetString()!.StartsWith("CONNECT ", StringComparison.Ordinal)).ToList();
        statements.Select(span => span.GetProperty("service").GetString()).Distinct()
            .ShouldBe([ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService], ignoreOrder: true);
        statements.Count(span => !IsDescribed(span.GetProperty("attributes"), span.GetProperty("name").GetString())).ShouldBe(0);

        // Every moment from the request to the end of the last span is somebody's.
        shown.GetProperty("traces").GetArrayLength().ShouldBe(1);
        var (micros, path) = (WholeMicros(), shown.GetProperty("criticalPath"));
        path.GetProperty("micros").GetInt64().ShouldBe(micros);
        path.GetProperty("steps").EnumerateArray().Sum(step => step.GetProperty("micros").GetInt64()).ShouldBe(micros);
        path.GetProperty("shares").EnumerateArray().Sum(share => share.GetProperty("micros").GetInt64()).ShouldBe(micros);
        path.GetProperty("shares")
            .EnumerateArray()
            .Where(share => !share.TryGetProperty("waiting", out _))
            .Select(share => share.GetProperty("service").GetString())
            .Distinct()
            .ShouldBe(
                [ResourceNames.Gateway, ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService],
                ignoreOrder: true);
        path.GetProperty("shares").EnumerateArray().Select(Waiting).ShouldNotContain("unaccounted");
        var operations = await journey.Host.Monitor.GetFromJsonAsync<JsonElement>("/api/operations", CancellationToken);
        operations.GetProperty("operations").EnumerateArray()
            .ShouldContain(
                one => one.GetProperty("service").GetString() == ResourceNames.Gateway
                    && one.GetProperty("name").GetString() == "POST /orders");

        static bool IsDescribed(JsonElement attributes, string? name) =>
            attributes.GetProperty("db.system.name").GetString() == "postgresql" && attributes.TryGetProperty("db.namespace", out _)
                && attributes.TryGetProperty("db.query.text", out _)
            && attributes.GetProperty("db.query.summary").GetString() == name && attributes.TryGetProperty("server.address", out _)
                && attributes.TryGetProperty("server.port", out _);

        static bool IsShared(JsonElement span) =>
            span.TryGetProperty("attributes", out var attributes) && attributes.TryGetProperty("messaging.batch.message_count", out _);

        static string? Waiting(JsonElement share) => share.TryGetProperty("waiting", out var waiting) ? waiting.GetString() : null;

        long WholeMicros() => (long)Math.Round(
            shown.GetProperty("traces")[0].GetProperty("trace").GetProperty("durationMs").GetDouble() * 1000);

        List<string> Names() =>
        [
            .. spans.Select(span => $"{span.GetProperty("service").GetString()}: {span.GetProperty("name").GetString()}"),
        ];
    }

    [Fact]
    public async Task The_trace_is_linked_from_the_page_of_its_order_and_shown_as_a_waterfall()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        // Each service exports its spans when it likes to.
        string[] shown =
        [
            "send notification.events:notification.sent", "process payment.events:payment.requested:payment-service",
            "payment-service: process payment.requested",
        ];
        await Wait.UntilAsync(
            () => $"the whole trace of order {order} to be shown",
            async () => shown.All((await PageAsync($"/orders/{order}/trace")).Contains),
            TimeSpan.FromSeconds(60));

        (await PageAsync($"/orders/{order}")).ShouldContain($"/orders/{order}/trace");
        var page = await PageAsync($"/orders/{order}/trace");
        var at = page.IndexOf("/traces/", StringComparison.Ordinal);
        var link = page[at..page.IndexOf('"', at)];
        (await PageAsync(link)).ShouldContain("payment-service: process payment.requested");
        // The list has what is stored, which it is some seconds after it is over.
        await Wait.UntilAsync(
            "the trace to be listed",
            async () => (await PageAsync("/traces")).Contains(link, StringComparison.Ordinal),
            TimeSpan.FromSeconds(60));
        (await PageAsync("/operations")).ShouldContain("process payment.events:payment.requested:payment-service");
        await Wait.UntilAsync(
            "traces that began with POST /orders to be compared",
            async () => (await PageAsync("/slow-traces")).Contains("gateway: POST /orders", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60));

        async Task<string> PageAsync(string path)
        {
            using var answer = await journey.Host.Monitor.GetAsync(new Uri(path, UriKind.Relative), CancellationToken);
            return await answer.Content.ReadAsStringAsync(CancellationToken);
        }
    }
}
