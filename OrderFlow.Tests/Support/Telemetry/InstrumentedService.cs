using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.ServiceDefaults;

namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>
/// A service with the defaults on a real Kestrel: <c>POST /orders/{id}</c> observes a histogram and a counter within a span of its
/// own and answers 202 with the trace id; <c>GET /fail</c> throws.
/// </summary>
internal sealed class InstrumentedService : IAsyncDisposable
{
    public const string Source = "OrderFlow.Tests.Service";

    private readonly WebApplication _app;
    private readonly ActivitySource _source = new(Source);

    private HttpClient? _client;

    private InstrumentedService(WebApplication app)
    {
        _app = app;
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create(Source);
        var latency = meter.CreateHistogram(
            "test.order.latency", "s", "How long an order took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10] });
        var orders = meter.CreateCounter<long>("test.orders", "{order}", "Orders taken.");
        var active = meter.CreateUpDownCounter<long>("test_handler_active_count", "{handler}", "Handlers at work.");
        app.MapPost("/orders/{seconds:double}", (double seconds) =>
        {
            using var activity = _source.StartActivity("place order");
            latency.Record(seconds, new KeyValuePair<string, object?>("flow", "Test"));
            orders.Add(1);
            active.Add(1);
            return Results.Text(Activity.Current?.TraceId.ToString(), statusCode: StatusCodes.Status202Accepted);
        });
        app.MapGet("/fail", string () => throw new InvalidOperationException("Password=hunter2"));
        app.MapDefaultEndpoints();
    }

    public Uri Url => new(_app.Urls.First());

    public HttpClient Client => _client ??= new HttpClient(
        // A stranger's client: it neither traces nor sends headers of its own.
        new SocketsHttpHandler { ActivityHeadersPropagator = null, UseProxy = false })
    {
        BaseAddress = Url,
    };

    public IServiceProvider Services => _app.Services;

    public static async Task<InstrumentedService> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null, Action<WebApplicationBuilder>? configure = null,
        string environment = "Development")
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection([new("OTEL_SERVICE_NAME", "test-service")]);
        builder.Configuration.AddInMemoryCollection(
            (settings ?? new Dictionary<string, string>()).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        configure?.Invoke(builder);
        var service = new InstrumentedService(builder.Build());
        try
        {
            await service._app.StartAsync();
            return service;
        }
        catch
        {
            // Not started, so there is nothing to stop.
            await service._app.DisposeAsync();
            throw;
        }
    }

    public async Task<string> PlaceOrderAsync(double seconds = 0.5, params (string Header, string Value)[] headers)
    {
        using var request =
            new HttpRequestMessage(
                HttpMethod.Post, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/orders/{seconds}"));
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(202);
        return await response.Content.ReadAsStringAsync();
    }

    public Task<string> ScrapeAsync() => Client.GetStringAsync("/metrics");

    public async Task<string> ScrapeOpenMetricsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation(
            "Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        using var response = await Client.SendAsync(request);
        response.Content.Headers.ContentType!.ToString()
            .ShouldBe("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _source.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
