using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class MonitorExportTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Spans_and_their_log_lines_are_exported_to_the_Monitor_and_to_the_collector()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor =
            await RunningMonitor.StartAsync(
                "amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString, settings: ("Monitor:IngestKey", TelemetryRequests.Key));
        await monitor.Get<ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = new Dictionary<string, string>(receiver.Environment, StringComparer.Ordinal)
        {
            ["Telemetry:MonitorEndpoint"] = monitor.Http.BaseAddress!.ToString(),
            ["Telemetry:MonitorKey"] = TelemetryRequests.Key,
        };
        await using var service = await InstrumentedService.StartAsync(settings);

        var trace = await service.PlaceOrderAsync(headers: ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        using (await service.Client.GetAsync("/fail", TestContext.Current.CancellationToken))
        {
            await Wait.UntilAsync(
                "both traces are stored",
                async () =>
                    await database.ScalarAsync<long>("""
                        SELECT coalesce(sum(spans), 0)::bigint FROM traces
                        WHERE NOT is_part AND service = 'test-service' AND name IN ('POST /orders/{seconds:double}', 'GET /fail')
                        """) >= 3,
                        Patience);
            await Wait.UntilAsync(
                "so is the error's line",
                async () =>
                    await database.ScalarAsync<long>("SELECT count(*) FROM logs WHERE severity >= 17 AND trace_id IS NOT NULL") >= 1,
                        Patience);
        }

        var told = await monitor.GetJsonAsync($"/api/traces/{trace}");
        var spans = told.GetProperty("spans").EnumerateArray().ToList();
        spans.Select(span => (Text(span, "name"), Text(span, "kind"), span.GetProperty("depth").GetInt32()))
            .ShouldBe([("POST /orders/{seconds:double}", "server", 0), ("place order", "internal", 1)]);
        Text(spans[0], "parentId").ShouldBe("b7ad6b7169203331");
        spans[0].GetProperty("attributes").GetProperty("http.response.status_code").GetInt32().ShouldBe(202);
        var failed = (await monitor.GetJsonAsync("/api/traces?errors=true")).GetProperty("traces").EnumerateArray()
            .Single(one => Text(one, "operation") == "GET /fail");
        var detail = await monitor.GetJsonAsync($"/api/traces/{Text(failed, "traceId")}");
        detail.GetProperty("logs").EnumerateArray().ShouldContain(line => line.GetProperty("severity").GetInt32() >= 17);
        await receiver.WaitForSpansAsync(all => all.Count(span => span.TraceId == trace) == 2);
        // That spans arrived is no span.
        receiver.Spans.ShouldNotContain(span => span.Attributes.GetValueOrDefault("url.path") as string == "/v1/traces");
    }

    [Fact]
    public async Task Missing_Monitor_neither_slows_the_service_nor_fills_its_log()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var settings =
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Telemetry:MonitorEndpoint"] = $"http://127.0.0.1:{port}",
                ["Telemetry:MonitorKey"] = TelemetryRequests.Key
            };
        var warnings = new ConcurrentQueue<string>();
        await using (var service =
            await InstrumentedService.StartAsync(settings, builder => builder.Logging.AddProvider(new WarningQueue(warnings))))
        {
            for (var order = 0; order < 600; order++)
            {
                await service.PlaceOrderAsync();
            }

            service.Services.GetRequiredService<OpenTelemetry.Trace.TracerProvider>().ShouldNotBeNull();
            OpenTelemetry.Trace.TracerProviderExtensions.ForceFlush(
                service.Services.GetRequiredService<OpenTelemetry.Trace.TracerProvider>());
        }

        warnings.ShouldBeEmpty();
    }

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}
