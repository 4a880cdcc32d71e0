using OrderFlow.Messaging.Tapping;
using OrderFlow.Monitor;
using OrderFlow.Monitor.Access;
using OrderFlow.Monitor.Pages;
using OrderFlow.Monitor.Storage;
using OrderFlow.Monitor.StoreEvents;
using OrderFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddStorage();

builder.AddRabbitMQClient(connectionName: "messaging", settings => settings.DisableTracing = true);
builder.AddTap<EventReceiver>("monitor", TappedExchanges.All);

builder.AddApi();
builder.AddRooms();
builder.AddAccess();
builder.AddPages();

var app = builder.Build();

app.UseApi();
app.UsePages();
app.UseAccess();
app.MapLogin();
app.MapRooms();
app.MapPages();
app.MapDefaultEndpoints();

await app.RunAsync();
