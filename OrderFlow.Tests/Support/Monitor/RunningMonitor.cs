using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Security;
using OrderFlow.Monitor.Storage;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>The Monitor on a real database, a real broker and a real Kestrel. Disposing it is its graceful stop.</summary>
internal sealed class RunningMonitor : IAsyncDisposable
{
    private readonly WebApplication _app;

    private bool _disposed;

    private RunningMonitor(WebApplication app)
    {
        _app = app;
        Probe = new MeterProbe(app.Services.GetRequiredService<IMeterFactory>());
    }

    public MeterProbe Probe { get; }

    public HttpClient Http { get; } = new();

    public ITap Tap => Get<ITap>();

    public static async Task<RunningMonitor> StartAsync(
        string broker, string database, TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        // Every trace, and soon; a test of the defaults says so.
        builder.Configuration["Monitor:TraceRatio"] = "1";
        builder.Configuration["Monitor:TraceQuiet"] = "00:00:00.050";
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration["ConnectionStrings:messaging"] = broker;
        builder.Configuration["ConnectionStrings:events"] = database;
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddHosting();
        builder.AddStorage();
        builder.AddMessageBroker("messaging");
        builder.AddSecurity();
        builder.AddFeatures();
        builder.AddApi();
        var app = builder.Build();
        app.UseApi();
        app.MapFeatures();
        var monitor = new RunningMonitor(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        monitor.Http.BaseAddress = new Uri(app.Urls.Single());
        return monitor;
    }

    /// <summary>Without a broker: what is stored is given to <c>ReceiveAsync</c>.</summary>
    public static async Task<RunningMonitor> StoreOnlyAsync(string database, TimeProvider time)
    {
        var monitor = await StartAsync("amqp://nobody:nothing@127.0.0.1:1", database, time);
        await monitor.Get<ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return monitor;
    }

    /// <summary>Waits until the tables are there and the tap consumes.</summary>
    public async Task<RunningMonitor> ReadyAsync()
    {
        await Get<ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync("the tap listens", () => Tap.IsListening);
        return this;
    }

    /// <summary>Stores the events without the broker.</summary>
    public Task ReceiveAsync(params IEnumerable<TestEvent> events) =>
        Get<EventReceiver>().ReceiveAsync([.. events.Select(one => one.Tapped())], TestContext.Current.CancellationToken);

    /// <summary>Stores tapped messages without the broker.</summary>
    public Task ReceiveAsync(params IEnumerable<TappedMessage> messages) =>
        Get<EventReceiver>().ReceiveAsync([.. messages], TestContext.Current.CancellationToken);

    public async Task<JsonElement> GetJsonAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    public double Sum(string instrument, string tags = "") =>
        Probe.Of(instrument)
            .Where(measurement => measurement.Tags.Contains(tags, StringComparison.Ordinal))
            .Sum(measurement => measurement.Value);

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Probe.Dispose();
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
