using System.Collections.Immutable;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>
/// A collector for tests: it takes OTLP over HTTP (<c>OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</c>) on a free port of
/// 127.0.0.1 and keeps what it gets. Point a service at it with <see cref="Environment"/>, then wait for spans with
/// <see cref="WaitForSpansAsync"/>. It may serve any number of processes at once.
/// </summary>
/// <example>
/// <code>
/// await using var receiver = await OtlpReceiver.StartAsync();
/// // start the services with receiver.Environment …
/// var spans = await receiver.WaitForSpansAsync(all => all.Any(span => span.Name == "process order.processed"));
/// var journey = receiver.Trace(traceId);
/// </code>
/// </example>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly KestrelServer _server;
    private ImmutableList<ReceivedSpan> _spans = [];
    private ImmutableList<ReceivedLog> _logs = [];
    private ImmutableList<ReceivedMetric> _metrics = [];
    private TaskCompletionSource _arrival = NewArrival();

    private OtlpReceiver(KestrelServer server) => _server = server;

    /// <summary>The address to export to, e.g. <c>http://127.0.0.1:40123</c>.</summary>
    public Uri Endpoint => new(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>
    /// The variables that make a service export here soon: traces and logs every 200 ms, metrics every second,
    /// and every trace sampled.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["OTEL_TRACES_SAMPLER"] = "parentbased_always_on",
    };

    /// <summary>Every span so far, in the order of arrival.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => Volatile.Read(ref _spans);

    public IReadOnlyList<ReceivedLog> Logs => Volatile.Read(ref _logs);

    public IReadOnlyList<ReceivedMetric> Metrics => Volatile.Read(ref _metrics);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var options = new KestrelServerOptions();
        options.Listen(IPAddress.Loopback, port: 0);

        // The bare server: a web host would trace its own requests into the process that is looked at.
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var receiver = new OtlpReceiver(new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance));
        await receiver._server.StartAsync(new Application(receiver), CancellationToken.None);
        return receiver;
    }

    /// <summary>The spans of one trace, in the order in which they started.</summary>
    public IReadOnlyList<ReceivedSpan> Trace(string traceId) =>
        [.. Spans.Where(span => span.TraceId == traceId).OrderBy(span => span.Started)];

    /// <summary>Waits until the spans so far satisfy the condition, and returns them.</summary>
    /// <exception cref="TimeoutException">They do not after the time-out (default 30 s); the message lists what arrived.</exception>
    public async Task<IReadOnlyList<ReceivedSpan>> WaitForSpansAsync(
        Func<IReadOnlyList<ReceivedSpan>, bool> condition, TimeSpan? timeout = null)
    {
        await WaitUntilAsync(() => condition(Spans), timeout);
        return Spans;
    }

    /// <summary>Waits until what arrived satisfies the condition.</summary>
    public async Task WaitUntilAsync(Func<bool> condition, TimeSpan? timeout = null)
    {
        var limit = timeout ?? DefaultTimeout;
        using var clock = new CancellationTokenSource(limit);
        while (true)
        {
            // Taken before the look, so that nothing arrives unseen between the two.
            var next = Volatile.Read(ref _arrival).Task;
            if (condition())
            {
                return;
            }

            try
            {
                await next.WaitAsync(clock.Token);
            }
            catch (OperationCanceledException cancelled)
            {
                throw new TimeoutException(
                    $"Not what was waited for after {limit.TotalSeconds} s. Arrived: " +
                    $"{Spans.Count} spans, {Logs.Count} logs, {Metrics.Count} metrics: " +
                    string.Join(", ", Spans.Select(span => $"{span.Service}/{span.Name}")),
                    cancelled);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        _server.Dispose();
    }

    private static TaskCompletionSource NewArrival() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReceiveAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory, context.RequestAborted);
        var body = ByteString.CopyFrom(memory.GetBuffer().AsSpan(0, (int)memory.Length));
        switch (context.Request.Path.Value)
        {
            case "/v1/traces":
                Add(ExportTraceRequest.Parser.ParseFrom(body));
                break;
            case "/v1/logs":
                Add(ExportLogsRequest.Parser.ParseFrom(body));
                break;
            case "/v1/metrics":
                Add(ExportMetricsRequest.Parser.ParseFrom(body));
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }

        Interlocked.Exchange(ref _arrival, NewArrival()).SetResult();

        // An empty response message: all of it was accepted.
        context.Response.ContentType = "application/x-protobuf";
    }

    private void Add(ExportTraceRequest request) =>
        ImmutableInterlocked.Update(ref _spans, static (spans, more) => spans.AddRange(more), OtlpReading.Spans(request));

    private void Add(ExportLogsRequest request) =>
        ImmutableInterlocked.Update(ref _logs, static (logs, more) => logs.AddRange(more), OtlpReading.Logs(request));

    private void Add(ExportMetricsRequest request) =>
        ImmutableInterlocked.Update(ref _metrics, static (metrics, more) => metrics.AddRange(more), OtlpReading.Metrics(request));

    private sealed class Application(OtlpReceiver receiver) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => receiver.ReceiveAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
