using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class HealthEndpointTests
{
    [Fact]
    public async Task Healthy_service_lists_its_checks()
    {
        await using var service = await InstrumentedService.StartAsync(configure: builder =>
            builder.Services.AddHealthChecks().AddCheck("slow", () => HealthCheckResult.Degraded("busy")));

        await AnswersAsync(service, "/health", 200, """{"status":"Degraded","checks":{"self":"Healthy","slow":"Degraded"}}""");
        await AnswersAsync(service, "/alive", 200, """{"status":"Healthy","checks":{"self":"Healthy"}}""");
    }

    [Fact]
    public async Task Failing_dependency_makes_the_service_unhealthy_but_alive_without_revealing_secrets()
    {
        await using var service = await InstrumentedService.StartAsync(configure: builder =>
            builder.Services.AddHealthChecks()
                .AddCheck("broker", () => throw new InvalidOperationException("amqp://user:hunter2@broker")));

        await AnswersAsync(service, "/health", 503, """{"status":"Unhealthy","checks":{"self":"Healthy","broker":"Unhealthy"}}""");
        await AnswersAsync(service, "/alive", 200, """{"status":"Healthy","checks":{"self":"Healthy"}}""");
    }

    [Fact]
    public async Task A_check_tagged_live_decides_whether_the_service_is_alive()
    {
        await using var service = await InstrumentedService.StartAsync(configure: builder =>
            builder.Services.AddHealthChecks().AddCheck("deadlock", () => HealthCheckResult.Unhealthy(), ["live"]));

        await AnswersAsync(service, "/alive", 503, """{"status":"Unhealthy","checks":{"self":"Healthy","deadlock":"Unhealthy"}}""");
    }

    private static async Task AnswersAsync(InstrumentedService service, string path, int status, string body)
    {
        using var response = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe(body);
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
    }
}
