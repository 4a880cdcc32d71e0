using System.Text.Json;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Hosting;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>
/// The limit: the journey of an order written by hand for speed, and crash-safe. What is ready becomes one transaction, in one statement
/// and one round trip, however many orders it is. After the commit the deliveries are acknowledged with one frame, and the events published
/// without waiting; when all are confirmed, the next transaction deletes their row of the outbox. A start publishes what the outbox still
/// holds before it consumes, and events that come twice meet the inbox. It has no retries, no dead letters, no telemetry, and one process
/// of each service.
/// </summary>
internal static class BareServices
{
    public static Task StartAsync(ServiceArguments service, LatencyRecorder latencies) => service.Role switch
    {
        ServiceRoles.Gateway => StartGatewayAsync(service),
        ServiceRoles.OrderService => StartOrderServiceAsync(service),
        ServiceRoles.PaymentService => StartPaymentServiceAsync(service),
        ServiceRoles.NotificationService => BatchConsumer<OrderProcessed>.StartAsync(new NotifyCustomerBatch(latencies), service),
        _ => throw new ArgumentException($"There is no service '{service.Role}'.", nameof(service)),
    };

    private static async Task StartGatewayAsync(ServiceArguments service)
    {
        var channel = await BrokerChannels.ForPublishingAsync(service.Broker);
        await BrokerChannels.DeclareAsync(channel, QueueNames.OrderCreated);
        var publisher = new ConfirmedPublisher(channel);
        var app = OrderEndpoint.CreateBuilder(service.Port).Build();
        app.MapOrders((order, arrived) =>
        {
            var created = OrderCreated.Of(order, arrived);
            return publisher.PublishAsync(
                QueueNames.OrderCreated, created.EventId,
                JsonSerializer.SerializeToUtf8Bytes(created, DurableJson.Default.OrderCreated));
        });
        await app.StartAsync();
    }

    private static async Task StartOrderServiceAsync(ServiceArguments service)
    {
        await OutboxRecovery.PublishAsync(service, DatabaseNames.Orders);
        await BatchConsumer<OrderCreated>.StartAsync(new PlaceOrderBatch(), service);
        await BatchConsumer<PaymentProcessed>.StartAsync(new CompleteOrderBatch(), service);
    }

    private static async Task StartPaymentServiceAsync(ServiceArguments service)
    {
        await OutboxRecovery.PublishAsync(service, DatabaseNames.Payments);
        await BatchConsumer<PaymentRequested>.StartAsync(new AuthorizePaymentBatch(), service);
    }
}
