using OrderFlow.Messaging.Tapping;
using OrderFlow.Monitor;
using OrderFlow.Monitor.Access;
using OrderFlow.Monitor.Dashboard;
using OrderFlow.Monitor.FindBottleneck;
using OrderFlow.Monitor.FollowFailures;
using OrderFlow.Monitor.FollowOrder;
using OrderFlow.Monitor.Latency;
using OrderFlow.Monitor.Pages;
using OrderFlow.Monitor.Reconcile;
using OrderFlow.Monitor.ResolveDeadLetters;
using OrderFlow.Monitor.SearchOrders;
using OrderFlow.Monitor.Storage;
using OrderFlow.Monitor.StoreEvents;
using OrderFlow.Monitor.TraceCorrelation;
using OrderFlow.Monitor.WatchOpenFlows;
using OrderFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddStorage();

builder.AddRabbitMQClient(connectionName: "messaging");
builder.AddTap<EventReceiver>("monitor", TappedExchanges.All);

builder.AddApi();
builder.AddStoreEvents();
builder.AddFollowFailures();
builder.AddWatchOpenFlows();
builder.AddDashboard();
builder.AddLatency();
builder.AddFindBottleneck();
builder.AddResolveDeadLetters();
builder.AddReconcile();

builder.AddAccess();
builder.AddPages();

var app = builder.Build();

app.UseApi();
app.UsePages();
app.UseAccess();
app.MapLogin();
app.MapTraceCorrelation();
app.MapFollowOrder();
app.MapSearchOrders();
app.MapWatchOpenFlows();
app.MapDashboard();
app.MapLatency();
app.MapFindBottleneck();
app.MapResolveDeadLetters();
app.MapReconcile();
app.MapPages();
app.MapDefaultEndpoints();

await app.RunAsync();
