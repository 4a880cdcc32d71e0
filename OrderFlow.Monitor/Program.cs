using OrderFlow.Messaging;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor;
using OrderFlow.Monitor.Components;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Security;
using OrderFlow.Monitor.Storage;
using OrderFlow.ServiceDefaults;

var builder = ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddStorage();

builder.AddMessageBroker("messaging");
builder.AddTap<EventReceiver>("monitor", EventExchanges.All);

builder.AddApi();
builder.AddRooms();
builder.AddAccess();
builder.AddPages();

var app = builder.Build();

app.UseApi();
app.UsePages();
app.UseAccess();
app.UseMiddleware<KnownPaths>();
app.MapLogin();
app.MapRooms();
app.MapPages();
app.MapDefaultEndpoints();

await app.RunAsync();
