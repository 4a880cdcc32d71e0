using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>What the Monitor knows from others: heartbeats by the broker, series from Prometheus, silences from Alertmanager.</summary>
[Collection(JourneyFixture.Collection)]
public sealed class OperatorViewTests(JourneyFixture journey)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_service_is_heard()
    {
        string[] services =
            [ResourceNames.Gateway, ResourceNames.NotificationService, ResourceNames.OrderService, ResourceNames.PaymentService];
        List<JsonElement> processes = [];
        await Wait.UntilAsync(
            () => $"heard are {string.Join(", ", processes)}",
            async () =>
            {
                processes = [.. (await GetAsync("/api/processes")).GetProperty("processes").EnumerateArray()];
                return services.All(service => processes.Exists(one => one.GetProperty("service").GetString() == service));
            });

        processes.ShouldAllBe(one => one.GetProperty("state").GetString() == "live");
    }

    [Fact]
    public async Task Prometheus_answers_what_every_detector_asks()
    {
        JsonElement told = default;
        await Wait.UntilAsync(
            "the detectors have looked",
            async () => (told = await GetAsync("/api/anomalies")).TryGetProperty("at", out _),
            TimeSpan.FromSeconds(90));

        told.TryGetProperty("problem", out var problem).ShouldBeFalse($"{problem}");
    }

    [Fact]
    public async Task Prometheus_and_Alertmanager_say_what_they_know_of_alerts() =>
        (await GetAsync("/api/alerts")).TryGetProperty("problem", out var problem).ShouldBeFalse($"{problem}");

    [Theory]
    [InlineData("/alerts")]
    [InlineData("/anomalies")]
    [InlineData("/services")]
    public async Task Pages_are_there(string path) =>
        (await journey.Host.Monitor.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation)).ShouldContain("</main>");

    private async Task<JsonElement> GetAsync(string path) =>
        await journey.Host.Monitor.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), Cancellation);
}
