using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Hosting;
using Wolverine;
using Wolverine.Postgresql;
using Wolverine.RabbitMQ;

namespace OrderFlow.Benchmarks.Services.Durable.Wolverine;

/// <summary>
/// The journey with WolverineFx as its guide recommends: durable inbox and outbox in PostgreSQL, quorum queues, confirms (its default is
/// without), and 32 handlers at a time for each queue.
/// </summary>
internal static class WolverineServices
{
    private const ushort Prefetch = 256;
    private const int Handlers = 32;

    public static async Task StartAsync(ServiceArguments service, LatencyRecorder latencies)
    {
        var isGateway = service.Role == ServiceRoles.Gateway;
        var builder = OrderEndpoint.CreateBuilder(isGateway ? service.Port : 0);
        builder.Services.AddSingleton(latencies);
        if (DatabaseOf(service) is { } database)
        {
            builder.Services.AddSingleton(NpgsqlDataSource.Create(database));
        }

        builder.Host.UseWolverine(options => Configure(options, service));
        var app = builder.Build();
        if (isGateway)
        {
            app.MapOrders(async (order, arrived) =>
            {
                await using var scope = app.Services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(OrderCreated.Of(order, arrived));
            });
        }

        await app.StartAsync();
    }

    private static string? DatabaseOf(ServiceArguments service) => service.Role switch
    {
        ServiceRoles.OrderService => service.Database(DatabaseNames.Orders),
        ServiceRoles.PaymentService => service.Database(DatabaseNames.Payments),
        ServiceRoles.NotificationService => service.Database(DatabaseNames.Notifications),
        _ => null,
    };

    private static void Configure(WolverineOptions options, ServiceArguments service)
    {
        options.ApplicationAssembly = typeof(WolverineServices).Assembly;
        options.Discovery.DisableConventionalDiscovery();
        options.Durability.Mode = DurabilityMode.Solo;
        options.UseSystemTextJsonForSerialization(json => json.TypeInfoResolverChain.Insert(0, DurableJson.Default));
        options.UseRabbitMq(service.Broker)
            .UseQuorumQueues().AutoProvision().DisableDeadLetterQueueing()
            .ConfigureChannelCreation(channel =>
            {
                channel.PublisherConfirmationsEnabled = true;
                channel.PublisherConfirmationTrackingEnabled = true;
            });
        if (DatabaseOf(service) is not { } database)
        {
            // Sent when the broker says so, persistent: what makes the 202 true.
            options.PublishMessage<OrderCreated>().ToRabbitQueue(QueueNames.OrderCreated).SendInline();
            return;
        }

        options.PersistMessagesWithPostgresql(database, "wolverine");
        options.Policies.UseDurableInboxOnAllListeners();
        options.Policies.UseDurableOutboxOnAllSendingEndpoints();
        ConfigureHandlers(options, service.Role);
    }

    private static void ConfigureHandlers(WolverineOptions options, string role)
    {
        switch (role)
        {
            case ServiceRoles.OrderService:
                options.Discovery.IncludeType(typeof(WolverineOrderHandler));
                Listen(options, QueueNames.OrderCreated);
                Listen(options, QueueNames.PaymentProcessed);
                options.PublishMessage<PaymentRequested>().ToRabbitQueue(QueueNames.PaymentRequested);
                options.PublishMessage<OrderProcessed>().ToRabbitQueue(QueueNames.OrderProcessed);
                break;
            case ServiceRoles.PaymentService:
                options.Discovery.IncludeType(typeof(WolverinePaymentHandler));
                Listen(options, QueueNames.PaymentRequested);
                options.PublishMessage<PaymentProcessed>().ToRabbitQueue(QueueNames.PaymentProcessed);
                break;
            default:
                options.Discovery.IncludeType(typeof(WolverineNotificationHandler));
                Listen(options, QueueNames.OrderProcessed);
                break;
        }
    }

    private static void Listen(WolverineOptions options, string queue) =>
        options.ListenToRabbitQueue(queue).UseDurableInbox().PreFetchCount(Prefetch).MaximumParallelMessages(Handlers);
}
