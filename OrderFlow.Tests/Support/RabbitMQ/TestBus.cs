using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>
/// Services on a broker, apart from those of every other test: the events keep their bodies, but their wire types
/// begin with a word of this test, so that exchanges and bindings are its own.
/// </summary>
internal sealed class TestBus(RabbitNode node) : IAsyncDisposable
{
    private readonly List<TestService> _services = [];
    private readonly List<RawClient> _clients = [];

    /// <summary>The first segment of this test's wire types.</summary>
    public string Domain { get; } = $"t{Guid.NewGuid():N}"[..12];

    public RabbitNode Node => node;

    public string Created => $"{Domain}.created";

    public string Processed => $"{Domain}.processed";

    public IReadOnlyDictionary<string, MessageDescriptor> Events => new Dictionary<string, MessageDescriptor>(StringComparer.Ordinal)
    {
        [Created] = OrderCreated.Descriptor,
        [Processed] = OrderProcessed.Descriptor,
    };

    public static async Task<TestBus> OnAsync(BrokerFixture broker) => new(await broker.NodeAsync());

    /// <summary>A service name of this test, which is its queue's name, too.</summary>
    public string NameOf(string role) => $"{Domain}-{role}";

    /// <summary>Starts a service and waits until it is healthy.</summary>
    public async Task<TestService> StartAsync(
        string role, Action<MessagingBuilder> wire, Action<Dictionary<string, string?>>? configure = null,
        Action<IServiceCollection>? register = null, bool waitUntilHealthy = true, string? database = null)
    {
        var service = new TestService(this, NameOf(role), wire, configure, register, database);
        _services.Add(service);
        await service.Host.StartAsync();
        if (waitUntilHealthy)
        {
            await service.HealthyAsync();
        }

        return service;
    }

    public Task<TestService> StartPublisherAsync(bool requireSubscriber = true, Action<Dictionary<string, string?>>? configure = null) =>
        StartAsync("publisher", bus => bus.Publishes<OrderCreated>(requireSubscriber), configure);

    public Task<TestService> StartHandlerAsync(
        HandlerScript<OrderCreated> script, Action<Dictionary<string, string?>>? configure = null, string role = "handler",
        Action<IServiceCollection>? register = null, bool waitUntilHealthy = true) =>
        StartAsync(
            role,
            bus => bus.Publishes<OrderProcessed>(requireSubscriber: false).Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
            configure,
            services =>
            {
                services.AddSingleton(script);
                register?.Invoke(services);
            },
            waitUntilHealthy);

    public async Task<RawClient> ConnectRawAsync()
    {
        var client = await RawClient.ConnectAsync(node);
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
    }
}

/// <summary>One service in a host of its own.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public TestService(
        TestBus bus,
        string name,
        Action<MessagingBuilder> wire,
        Action<Dictionary<string, string?>>? configure,
        Action<IServiceCollection>? register,
        string? database = null)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:messaging"] = bus.Node.ConnectionString,
            ["Messaging:RetryTiers"] = "",
        };
        configure?.Invoke(settings);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = name });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddProvider(Logs);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.AddMessageBroker("messaging");
        builder.AddMessaging(name, messaging => wire(messaging.AddEvents(bus.Events)));
        if (database is not null)
        {
            builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:orders", database)]);
            builder.AddDurability("orders");
        }

        register?.Invoke(builder.Services);
        Host = builder.Build();
        Name = name;
    }

    public string Name { get; }

    public IHost Host { get; }

    public LogRecorder Logs { get; } = new();

    public IEventPublisher Publisher => Host.Services.GetRequiredService<IEventPublisher>();

    public async Task<HealthReport> HealthAsync() => await Host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    public Task HealthyAsync() => Wait.UntilAsync($"{Name} is healthy", async () => (await HealthAsync()).Status == HealthStatus.Healthy);

    public Task PublishAsync(IMessage @event, EventContext? context = null, CancellationToken cancellationToken = default) =>
        Publisher.PublishAsync(@event, context ?? Flow.Start(), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Host.Dispose();
    }

}

internal static class Flow
{
    public static EventContext Start() => EventContext.StartFlow("OrderCreationFlow", TimeProvider.System);
}

/// <summary>What a scripted handler does and what it saw.</summary>
internal sealed class HandlerScript<TEvent>(Func<IHandlingContext, TEvent, CancellationToken, Task>? handle = null)
{
    public ConcurrentQueue<(EventContext Context, TEvent Event)> Seen { get; } = new();

    public Task HandleAsync(IHandlingContext context, TEvent @event, CancellationToken cancellationToken)
    {
        Seen.Enqueue((context.Event, @event));
        return handle?.Invoke(context, @event, cancellationToken) ?? Task.CompletedTask;
    }

    public Task SeesAsync(int count) =>
        Wait.UntilAsync(() => $"the handler sees {count} events ({Seen.Count} now)", () => Task.FromResult(Seen.Count >= count));
}

internal sealed class ScriptedHandler<TEvent>(HandlerScript<TEvent> script) : IEventHandler<TEvent>
    where TEvent : IMessage
{
    public Task HandleAsync(IHandlingContext context, TEvent @event, CancellationToken cancellationToken) =>
        script.HandleAsync(context, @event, cancellationToken);
}
