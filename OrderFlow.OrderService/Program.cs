using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.OrderService.CompleteOrder;
using OrderFlow.OrderService.SimulateWork;
using OrderFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();

builder.AddRabbitMQClient(connectionName: "messaging");
builder.AddMessaging("order-service", bus => bus
    .AddEvents(EventCatalog.WireTypes)
    .Handles<OrderCreated, CompleteOrderHandler>()
    .Publishes<OrderProcessed>());

builder.AddSimulatedWork();
builder.AddCompleteOrder();

var app = builder.Build();

app.MapDefaultEndpoints();

await app.RunAsync();
