using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Postgres;
using OrderFlow.OrderService.ClaimKey;
using OrderFlow.OrderService.CompleteOrder;
using OrderFlow.OrderService.ExpireOrder;
using OrderFlow.OrderService.PlaceOrder;
using OrderFlow.OrderService.ReadOrder;
using OrderFlow.OrderService.RefundOrder;
using OrderFlow.OrderService.Storage;
using OrderFlow.ServiceDefaults;
using OrderFlow.ServiceDefaults.Simulation;

var builder = ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddStorage();
builder.AddMessageBroker(ServiceNames.Broker);
builder.AddMessaging(ServiceNames.OrderService, bus => bus
    .AddEvents(EventCatalog.WireTypes, EventCatalog.Versions)
    .HandlesInBatches<OrderCreated, NewOrder, PlaceOrderHandler>(PlaceOrderRetries.Configure)
    .HandlesInBatches<PaymentProcessed, CompleteOrderHandler>(CompleteOrderRetries.Configure)
    .HandlesInBatches<OrderPaymentOverdue, ExpireOrderHandler>(ExpireOrderRetries.Configure)
    .HandlesInTransaction<PaymentRefunded, NoteRefundHandler>(NoteRefundRetries.Configure)
    .Publishes<PaymentRequested>().Publishes<OrderPaymentOverdue>().Publishes<PaymentRefundRequested>()
    .Publishes<OrderProcessed>().Publishes<OrderRejected>());

builder.AddExpireOrder();
builder.AddSimulatedWork();
builder.AddReadOrder();
builder.AddClaimKey();

var app = builder.Build();

app.MapReadOrder();
app.MapClaimKey();
app.MapDefaultEndpoints();

await app.RunAsync();
