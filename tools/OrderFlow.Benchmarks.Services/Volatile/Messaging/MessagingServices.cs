using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Hosting;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Benchmarks.Services.Volatile.Messaging;

/// <summary>An order over two hops with OrderFlow.Messaging as it is by default, without a database and without telemetry.</summary>
internal static class MessagingServices
{
    public static async Task StartAsync(ServiceArguments service, LatencyRecorder latencies)
    {
        var isGateway = service.Role == ServiceRoles.Gateway;
        var builder = OrderEndpoint.CreateBuilder(isGateway ? service.Port : 0);
        builder.Services.AddSingleton(latencies);
        builder.Configuration[$"ConnectionStrings:{ServiceNames.Broker}"] = service.Broker.OriginalString;
        builder.AddMessageBroker(ServiceNames.Broker);
        builder.AddMessaging(service.Role, bus => Wire(bus.AddEvents(EventCatalog.WireTypes, EventCatalog.Versions), service.Role));
        var app = builder.Build();
        if (isGateway)
        {
            MapOrders(app);
        }

        await app.StartAsync();
        await Readiness.WaitAsync(app.Services);
    }

    private static MessagingBuilder Wire(MessagingBuilder bus, string role) => role switch
    {
        ServiceRoles.OrderService => bus.Handles<OrderCreated, PlaceOrderHandler>().Publishes<OrderProcessed>().PublishesInAnyOrder(),
        ServiceRoles.NotificationService => bus.Handles<OrderProcessed, NotifyCustomerHandler>(),
        _ => bus.Publishes<OrderCreated>().PublishesInAnyOrder(),
    };

    private static void MapOrders(WebApplication app)
    {
        var publisher = app.Services.GetRequiredService<IEventPublisher>();
        app.MapOrders((order, _) =>
        {
            var context = EventContext.StartFlow(FlowNames.OrderCreation, TimeProvider.System);
            var created = new OrderCreated
            {
                OrderId = Guid.CreateVersion7().ToString(),
                UserId = order.UserId,
                Lines = { new OrderLine { ItemId = order.Items[0].Id, Quantity = order.Items[0].Quantity } },
            };
            return publisher.PublishAsync(
                created, context with { AggregateId = created.OrderId, UserId = created.UserId }, CancellationToken.None);
        });
    }
}
