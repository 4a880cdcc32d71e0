using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Postgres;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.NotifyCustomer;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.NotificationService.Storage;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Support.Services;

/// <summary>NotificationService on a broker and a database.</summary>
internal static class NotificationOnBroker
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts it and waits until it is healthy.</summary>
    /// <param name="bus">Whose events it handles.</param>
    /// <param name="database">Its own.</param>
    /// <param name="channel">Stands in for the configured one; <see langword="null"/> for that.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<WebApplication> StartAsync(
        TestBus bus, TestDatabase database, ICustomerChannel? channel, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:messaging"] = bus.Node.ConnectionString,
            [$"ConnectionStrings:{DatabaseNames.Notifications}"] = database.ConnectionString,
            ["Messaging:RetryDelay"] = "00:00:00.010",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddStorage();
        builder.AddMessageBroker("messaging");
        builder.AddMessaging(bus.NameOf("notifications"), wiring => wiring
            .AddEvents(bus.Events)
            .AddEvents(
                new Dictionary<string, Google.Protobuf.Reflection.MessageDescriptor>
                {
                    [$"{bus.Domain}.notified"] = NotificationSent.Descriptor
                })
            .HandlesInBatches<OrderProcessed, PreparedNotification, OrderProcessedHandler>()
            .Publishes<NotificationSent>(requireSubscriber: false));
        builder.AddSimulation();
        builder.AddNotifyCustomer();
        if (channel is not null)
        {
            builder.Services.AddSingleton(channel);
        }

        var service = builder.Build();
        service.MapFailureRateSwitch();
        await service.StartAsync(Cancellation);
        var health = service.Services.GetRequiredService<HealthCheckService>();
        await Wait.UntilAsync(
            "the service is healthy", async () => (await health.CheckHealthAsync(Cancellation)).Status == HealthStatus.Healthy);
        return service;
    }

    /// <summary>Publishes that orders were processed.</summary>
    public static async Task PublishAsync(TestBus bus, params string[] orderIds)
    {
        var publisher = await bus.StartAsync($"publisher-{Guid.NewGuid():N}", wiring => wiring.Publishes<OrderProcessed>());
        foreach (var orderId in orderIds)
        {
            await publisher.Publisher.PublishAsync(
                new OrderProcessed { OrderId = orderId, UserId = "user-1", Email = "alice@example.org" },
                Flow.Start() with { AggregateId = orderId }, Cancellation);
        }
    }
}
