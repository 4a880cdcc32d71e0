using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

[Collection(JourneyFixture.Collection)]
public sealed class MonitorFollowsOrderTests(JourneyFixture journey)
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_Monitor_shows_an_order_from_request_to_notification_with_its_duration()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);

        var life = default(JsonElement);
        await Wait.UntilAsync(
            () => $"order {order} to end at the Monitor, which says: {life}",
            async () =>
            {
                using var answer = await journey.Host.Monitor.GetAsync(
                    new Uri($"/api/orders/{order}", UriKind.Relative), CancellationToken);
                life = answer.StatusCode == HttpStatusCode.OK
                    ? await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken)
                    : default;
                return life.ValueKind == JsonValueKind.Object && life.GetProperty("order").GetProperty("status").GetString() == "ended";
            },
            TimeSpan.FromSeconds(30));

        var steps = life.GetProperty("steps").EnumerateArray().ToList();
        steps.Select(step => step.GetProperty("event").GetProperty("type").GetString())
            .ShouldBe(["order.created", "payment.requested", "payment.processed", "order.processed", "notification.sent"]);
        // Up to the moment of the notification; notification.sent is published a little later.
        life.GetProperty("ageMs").GetDouble().ShouldBe(life.GetProperty("endToEndMicros").GetInt64() / 1000.0, 0.001);
        steps[^1].GetProperty("sinceOriginMs").GetDouble().ShouldBeGreaterThanOrEqualTo(life.GetProperty("ageMs").GetDouble());
        var dashboard = await journey.Host.Monitor.GetFromJsonAsync<JsonElement>("/api/dashboard", CancellationToken);
        dashboard.GetProperty("activeHandlers").GetInt64().ShouldBe(3);
        dashboard.GetProperty("deadLetterQueueSize").GetInt64().ShouldBe(0);
    }
}
