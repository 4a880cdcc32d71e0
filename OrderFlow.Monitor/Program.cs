using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Monitor;
using OrderFlow.Monitor.Components;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Security;
using OrderFlow.Monitor.Storage;
using OrderFlow.ServiceDefaults;

var builder = ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddHosting();
builder.AddStorage();
builder.AddMessageBroker(ServiceNames.Broker);

builder.AddSecurity();
builder.AddFeatures();
builder.AddPages();
builder.AddApi();

var app = builder.Build();

app.UseApi();
app.UsePages();
app.UseSecurity();
app.UseMiddleware<KnownPaths>();

app.MapFeatures();
app.MapPages();
app.MapDefaultEndpoints();

await app.RunAsync();
