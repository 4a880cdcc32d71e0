using OrderFlow.Contracts;
using OrderFlow.Gateway;
using OrderFlow.Gateway.DescribeApi;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Gateway.ReadOrder;
using OrderFlow.Gateway.ShedLoad;
using OrderFlow.Messaging;
using OrderFlow.ServiceDefaults;

var builder = ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHttpEdge();

builder.AddMessageBroker(ServiceNames.Broker);
builder.AddMessaging(ServiceNames.Gateway, bus => bus
    .AddEvents(EventCatalog.WireTypes, EventCatalog.Versions)
    .Publishes<OrderCreated>()
    .PublishesInAnyOrder());

builder.AddPlaceOrder();
builder.AddLoadShedding();
builder.AddReadOrder();
builder.AddApiDescription();

var app = builder.Build();

app.UseHttpEdge();
app.MapPlaceOrder();
app.MapReadOrder();
app.MapApiDescription();
app.MapDefaultEndpoints();

await app.RunAsync();
