using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Durable;
using OrderFlow.Benchmarks.Services.Hosting;

namespace OrderFlow.Benchmarks.Services.Volatile.MassTransit;

/// <summary>
/// An order over two hops with MassTransit: quorum queues, confirms, and as many deliveries at a service and handlers at work as
/// OrderFlow.Messaging has by default.
/// </summary>
internal static class MassTransitServices
{
    private const int Prefetch = 256;
    private const int Handlers = 64;

    public static async Task StartAsync(ServiceArguments service, LatencyRecorder latencies)
    {
        var isGateway = service.Role == ServiceRoles.Gateway;
        var builder = OrderEndpoint.CreateBuilder(isGateway ? service.Port : 0);
        builder.Services.AddSingleton(latencies);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<PlaceOrderConsumer>();
            bus.AddConsumer<NotifyCustomerConsumer>();
            bus.UsingRabbitMq((context, broker) =>
            {
                broker.Host(service.Broker, host => host.PublisherConfirmation = true);
                switch (service.Role)
                {
                    case ServiceRoles.OrderService:
                        Receive<PlaceOrderConsumer>(broker, context, service.Role);
                        break;
                    case ServiceRoles.NotificationService:
                        Receive<NotifyCustomerConsumer>(broker, context, service.Role);
                        break;
                }
            });
        });
        var app = builder.Build();
        if (isGateway)
        {
            var bus = app.Services.GetRequiredService<IBus>();
            app.MapOrders((order, arrived) => bus.Publish(OrderCreated.Of(order, arrived)));
        }

        await app.StartAsync();
        if (!isGateway)
        {
            await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        }
    }

    private static void Receive<TConsumer>(IRabbitMqBusFactoryConfigurator broker, IBusRegistrationContext context, string queue)
        where TConsumer : class, IConsumer => broker.ReceiveEndpoint(queue, endpoint =>
    {
        endpoint.SetQuorumQueue();
        endpoint.PrefetchCount = Prefetch;
        endpoint.ConcurrentMessageLimit = Handlers;
        endpoint.ConfigureConsumer<TConsumer>(context);
    });
}
