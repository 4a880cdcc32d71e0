using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Postgres;
using OrderFlow.NotificationService.NotifyCustomer;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.NotificationService.Storage;
using OrderFlow.ServiceDefaults;

var builder = ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddStorage();

builder.AddMessageBroker(ServiceNames.Broker);
builder.AddMessaging(ServiceNames.NotificationService, bus => bus
    .AddEvents(EventCatalog.WireTypes, EventCatalog.Versions)
    .HandlesInBatches<OrderProcessed, PreparedNotification, OrderProcessedHandler>(NotifyCustomerRetries.Configure)
    .HandlesInBatches<OrderRejected, PreparedNotification, OrderRejectedHandler>(NotifyCustomerRetries.Configure)
    .Publishes<NotificationSent>(requireSubscriber: false));

builder.AddSimulation();
builder.AddNotifyCustomer();

var app = builder.Build();

app.MapFailureRateSwitch();
app.MapDefaultEndpoints();

await app.RunAsync();
