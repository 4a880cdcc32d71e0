using OrderFlow.Benchmarks.Durable.OrderFlow;
using OrderFlow.Benchmarks.Running;
using OrderFlow.Benchmarks.Services;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>What can be compared: ways to bring an order durably from its request to its notification.</summary>
internal static class DurableSystems
{
    /// <summary>The limit: a pipeline written by hand for speed.</summary>
    public const string Bare = "bare";

    /// <summary>OrderFlow without metrics, traces and Monitor.</summary>
    private const string OrderFlowPlain = "orderflow-plain";

    /// <summary>OrderFlow with metrics and Prometheus, without traces and Monitor.</summary>
    private const string OrderFlowMetrics = "orderflow-metrics";

    /// <summary>OrderFlow as it starts.</summary>
    private const string OrderFlow = "orderflow";

    /// <summary>WolverineFx with its durable inbox and outbox.</summary>
    private const string Wolverine = "wolverine";

    private const string WithoutMonitor = "--Observability:Monitor=false";
    private const string WithoutTraces = "--Observability:Traces=false";
    private const string WithoutMetrics = "--Observability:Metrics=false";

    /// <summary>The services behind the Gateway; the last first, for each finds the next one's queue.</summary>
    public static IReadOnlyList<string> Services { get; } = ["notification-service", "payment-service", "order-service"];

    /// <summary>In the order in which they take turns, and of the columns.</summary>
    public static IReadOnlyList<string> All { get; } = [Bare, OrderFlowPlain, OrderFlowMetrics, OrderFlow, Wolverine];

    /// <summary>Those whose services are processes of OrderFlow.Benchmarks.Services.</summary>
    public static IReadOnlyList<string> OfServices { get; } = [Bare, Wolverine];

    public static bool IsOrderFlow(string name) => name.StartsWith(OrderFlow, StringComparison.Ordinal);

    /// <summary>How long it takes, roughly, to start and to stop it.</summary>
    public static TimeSpan StartAndStop(string name) => TimeSpan.FromSeconds(IsOrderFlow(name) ? 40 : 12);

    /// <summary>
    /// Which are divided by which: each by the limit, OrderFlow by WolverineFx, and by itself without telemetry.
    /// </summary>
    public static IReadOnlyList<(string Of, string To)> Pairs(IReadOnlyList<string> names) =>
    [
        .. names.Where(name => name != Bare && names.Contains(Bare)).Select(name => (name, Bare)),
        .. names.Where(name => IsOrderFlow(name) && names.Contains(Wolverine)).Select(name => (name, Wolverine)),
        .. names.Where(name => IsOrderFlow(name) && name != OrderFlowPlain && names.Contains(OrderFlowPlain))
            .Select(name => (name, OrderFlowPlain)),
    ];

    /// <summary>Starts it with a broker and a database server of its own, all empty.</summary>
    public static async Task<IMeasuredSystem> StartAsync(string name, CancellationToken cancellationToken) => name switch
    {
        OrderFlow => await OrderFlowSystem.StartAsync([], cancellationToken),
        OrderFlowMetrics => await OrderFlowSystem.StartAsync([WithoutMonitor, WithoutTraces], cancellationToken),
        OrderFlowPlain => await OrderFlowSystem.StartAsync([WithoutMonitor, WithoutTraces, WithoutMetrics], cancellationToken),
        _ => await StartServicesAsync(name, cancellationToken),
    };

    /// <summary>Starts one of <see cref="OfServices"/>.</summary>
    public static Task<ServicesSystem> StartServicesAsync(string name, CancellationToken cancellationToken) =>
        ServicesSystem.StartDurableAsync(name, Services, cancellationToken);
}
