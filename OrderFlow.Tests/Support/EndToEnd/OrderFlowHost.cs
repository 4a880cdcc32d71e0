using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>The whole system, started through its real AppHost on ports and directories of its own.</summary>
internal sealed class OrderFlowHost : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly DistributedApplication _app;
    private readonly ConcurrentDictionary<string, ResourceEvent> _latest = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _following;

    private OrderFlowHost(DistributedApplication app, OtlpReceiver spans, EventTap tap, PrometheusClient prometheus)
    {
        _app = app;
        Spans = spans;
        Tap = tap;
        Prometheus = prometheus;
        Gateway = app.CreateHttpClient(ResourceNames.Gateway);
        Monitor = app.CreateHttpClient(ResourceNames.Monitor);
        Monitor.DefaultRequestHeaders.Authorization = new("Bearer", MonitorToken);
        _following = FollowAsync();
    }

    public HttpClient Gateway { get; }

    /// <summary>Knows the token.</summary>
    public HttpClient Monitor { get; }

    public static string MonitorToken { get; } = $"token-{Guid.NewGuid():N}";

    public EventTap Tap { get; }

    public PrometheusClient Prometheus { get; }

    public OtlpReceiver Spans { get; }

    /// <summary>The broker's AMQP URI.</summary>
    public required Uri Broker { get; init; }

    /// <summary>Where the system keeps its data and logs, as long as it runs.</summary>
    public required string RunDirectory { get; init; }

    public static Task<OrderFlowHost> StartAsync(CancellationToken cancellationToken, params string[] settings) =>
        StartAsync(new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken, settings);

    public ResourceCommandService Commands => _app.ResourceCommands;

    /// <summary>Starts the system with an environment that every service gets.</summary>
    public static async Task<OrderFlowHost> StartAsync(
        IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, params string[] settings)
    {
        var spans = await OtlpReceiver.StartAsync();
        string[] args =
        [
            "--Simulation:Work=false",
            // A test looks for the trace of its order; what is kept by default has tests of its own.
            "--Monitor:TraceRatio=1",
            $"--Parameters:monitor-token={MonitorToken}",
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={spans.Endpoint}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            .. settings,
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(
            args, (options, _) => options.EnableResourceLogging = false, cancellationToken);
        foreach (var service in builder.Resources.OfType<ProjectResource>().ToArray())
        {
            foreach (var (name, value) in environment)
            {
                builder.CreateResourceBuilder(service).WithEnvironment(name, value);
            }
        }

        var directory = builder.Configuration["OrderFlow:RunDirectory"]!;
        var app = await builder.BuildAsync(cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken).WaitAsync(StartTimeout, cancellationToken);
            await WaitUntilHealthyAsync(app, cancellationToken);
            var broker = new Uri((await app.GetConnectionStringAsync(ResourceNames.Messaging, cancellationToken))!);
            var tap = await EventTap.StartAsync(broker, cancellationToken);
            var prometheus = new PrometheusClient(app.CreateHttpClient(ResourceNames.Prometheus));
            await prometheus.WaitForTargetsAsync(
                [
                    ResourceNames.Gateway,
                    ResourceNames.OrderService,
                    ResourceNames.PaymentService,
                    ResourceNames.NotificationService,
                    ResourceNames.Monitor,
                    ResourceNames.Messaging,
                ], cancellationToken);
            return new OrderFlowHost(app, spans, tap, prometheus) { Broker = broker, RunDirectory = directory };
        }
        catch
        {
            await app.DisposeAsync();
            await spans.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the resource's process with SIGKILL and returns when it is healthy again as another process.</summary>
    public async Task KillAsync(string resource, CancellationToken cancellationToken)
    {
        var killed = await ProcessIdAsync(resource, _ => true, cancellationToken);
        using (var process = System.Diagnostics.Process.GetProcessById(killed))
        {
            process.Kill();
        }

        await ProcessIdAsync(resource, id => id != killed, cancellationToken);
        await HealthyAsync(resource, cancellationToken);
    }

    /// <summary>A process that ends while it starts is started again: that is waited for, too.</summary>
    public Task HealthyAsync(string resource, CancellationToken cancellationToken) => _app.ResourceNotifications
        .WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken)
        .WaitAsync(StartTimeout, cancellationToken);

    public IResource Resource(string name) =>
        _app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name);

    public string? StateOf(string resource) => Snapshots(resource).Single().State?.Text;

    public async Task<string> ConnectionStringAsync(string resource, CancellationToken cancellationToken) =>
        (await _app.GetConnectionStringAsync(resource, cancellationToken)).ShouldNotBeNull();

    /// <summary>The process of each replica that runs now.</summary>
    public IReadOnlyList<int> ProcessIdsOf(string resource) => [.. Snapshots(resource)
        .Where(snapshot => snapshot.State?.Text == KnownResourceStates.Running)
        .Select(snapshot => snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value)
        .OfType<object>()
        .Select(id => Convert.ToInt32(id, CultureInfo.InvariantCulture))];

    /// <summary>What the resource has said so far, and what was said of it.</summary>
    public async Task<string> LogOfAsync(string resource) =>
        await File.ReadAllTextAsync(Path.Combine(RunDirectory, "logs", $"{resource}.log"));

    /// <summary>The processes of a resource: the one that was started and all below it.</summary>
    public async Task<IReadOnlyList<int>> ProcessesOfAsync(string resource, CancellationToken cancellationToken) =>
        ProcessTree.Of(await ProcessIdAsync(resource, _ => true, cancellationToken));

    /// <summary>Asks the broker of this system with <c>rabbitmqctl</c>.</summary>
    public async Task ControlBrokerAsync(CancellationToken cancellationToken, params string[] arguments) =>
        await ProcessTree.RunInEnvironmentOfAsync(
            await ProcessIdAsync(
                ResourceNames.Messaging,
                _ => true,
                cancellationToken), "/usr/lib/rabbitmq/bin/rabbitmqctl", ["-n", "orderflow@localhost", .. arguments], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _following;
        _disposed.Dispose();
        Gateway.Dispose();
        Monitor.Dispose();
        Prometheus.Dispose();
        await Tap.DisposeAsync();
        await _app.DisposeAsync();
        await Spans.DisposeAsync();
    }

    private static async Task WaitUntilHealthyAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        string[] resources =
        [
            ResourceNames.Messaging,
            ResourceNames.Postgres,
            ResourceNames.Prometheus,
            ResourceNames.OrderService,
            ResourceNames.PaymentService,
            ResourceNames.NotificationService,
            ResourceNames.Monitor,
            ResourceNames.Gateway,
        ];
        foreach (var resource in resources)
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(
                resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken).WaitAsync(StartTimeout, cancellationToken);
        }
    }

    private IEnumerable<CustomResourceSnapshot> Snapshots(string resource) =>
        _latest.Values.Where(change => change.Resource.Name == resource).Select(change => change.Snapshot);

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var change in _app.ResourceNotifications.WatchAsync(_disposed.Token))
            {
                _latest[change.ResourceId] = change;
            }
        }
        catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
        {
            // Nobody asks any more.
        }
    }

    private async Task<int> ProcessIdAsync(string resource, Func<int, bool> wanted, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        await foreach (var change in _app.ResourceNotifications.WatchAsync(timeout.Token))
        {
            var id = change.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;
            if (change.Resource.Name == resource && id is not null && wanted(Convert.ToInt32(id, CultureInfo.InvariantCulture)))
            {
                return Convert.ToInt32(id, CultureInfo.InvariantCulture);
            }
        }

        throw new TimeoutException($"Resource '{resource}' showed no process within {StartTimeout}.");
    }
}
