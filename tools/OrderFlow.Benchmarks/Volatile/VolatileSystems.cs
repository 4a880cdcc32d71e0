using OrderFlow.Benchmarks.Running;
using OrderFlow.Benchmarks.Services;

namespace OrderFlow.Benchmarks.Volatile;

/// <summary>What can be compared: libraries that bring an order from its request over two hops to its end, without a database.</summary>
internal static class VolatileSystems
{
    private const string Messaging = "orderflow-messaging";
    private const string MassTransit = "masstransit";

    /// <summary>The services behind the Gateway; the last first, for each finds the next one's queue.</summary>
    private static readonly string[] Services = ["notification-service", "order-service"];

    /// <summary>In the order in which they take turns, and of the columns.</summary>
    public static IReadOnlyList<string> All { get; } = [MassTransit, Messaging];

    /// <summary>How long it takes, roughly, to start one and to stop it.</summary>
    public static TimeSpan StartAndStop { get; } = TimeSpan.FromSeconds(10);

    /// <summary>OrderFlow.Messaging by MassTransit, if both are there.</summary>
    public static IReadOnlyList<(string Of, string To)> Pairs(IReadOnlyList<string> names) =>
        names.Contains(Messaging) && names.Contains(MassTransit) ? [(Messaging, MassTransit)] : [];

    /// <summary>Starts it with a broker of its own.</summary>
    public static async Task<IMeasuredSystem> StartAsync(string name, CancellationToken cancellationToken) =>
        await ServicesSystem.StartVolatileAsync(name, Services, cancellationToken);
}
