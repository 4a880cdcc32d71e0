using OrderFlow.AppHost;
using OrderFlow.AppHost.Alerting;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.Dashboard;
using OrderFlow.AppHost.Grafana;
using OrderFlow.AppHost.Postgres;
using OrderFlow.AppHost.Prometheus;
using OrderFlow.AppHost.RabbitMQ;
using OrderFlow.AppHost.Running;
using OrderFlow.AppHost.Services;
using OrderFlow.AppHost.Supervision;

StartErrors.EndInOneLine();
if (HelpText.PrintIfAsked(args))
{
    return;
}

// Nothing of the configuration is read again. To watch for it, this host and the dashboard's within it would follow every file below the
// working directory, and so every write of the database.
Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
var builder = DistributedApplication.CreateBuilder(args);
var settings = builder.AddSystemSettings(args);
builder.AddDashboard(settings);
builder.AddSupervision(settings);

var messaging = builder.AddBroker(ResourceNames.Messaging, settings);

var postgres = builder.AddDatabaseServer(ResourceNames.Postgres, settings);
var orders = postgres.AddDatabase(ResourceNames.Orders, owner: ResourceNames.OrderService, settings);
var payments = postgres.AddDatabase(ResourceNames.Payments, owner: ResourceNames.PaymentService, settings);
var notifications = postgres.AddDatabase(ResourceNames.Notifications, owner: ResourceNames.NotificationService, settings);
var events = postgres.AddDatabase(ResourceNames.Events, owner: ResourceNames.Monitor, settings);

var orderService = builder.AddService<Projects.OrderFlow_OrderService>(ResourceNames.OrderService, settings)
    .WithSimulatedWork(settings, minMs: 50, maxMs: 250)
    .WithPaymentTimeout(settings)
    .WithDatabase(orders)
    .WithBroker(messaging);

var paymentService = builder.AddService<Projects.OrderFlow_PaymentService>(ResourceNames.PaymentService, settings)
    .WithSimulatedProvider(settings, minMs: 30, maxMs: 150)
    .WithSlownessOnDemand()
    .WithDatabase(payments)
    .WithBroker(messaging);

var notificationService = builder.AddService<Projects.OrderFlow_NotificationService>(ResourceNames.NotificationService, settings)
    .WithSimulatedWork(settings, minMs: 20, maxMs: 120)
    .WithSimulatedFailures(settings)
    .WithFailuresOnDemand()
    .WithDatabase(notifications)
    .WithBroker(messaging);

var gateway = builder.AddService<Projects.OrderFlow_Gateway>(ResourceNames.Gateway, settings)
    .WithExternalHttpEndpoints()
    .WithOrderApi()
    .WithReference(orderService)
    .WithBroker(messaging);

// Off the critical path: no service waits for it, and no order is slower without it.
var monitor = settings.HasMonitor
    ? builder.AddService<Projects.OrderFlow_Monitor>(ResourceNames.Monitor, settings)
        .WithConsole(gateway, settings)
        .WithRetryTiers(settings)
        .WithDatabase(events)
        .WithBroker(messaging)
        .TakesTelemetryOf(gateway, orderService, paymentService, notificationService)
        .ReplaysDeadLettersOf(orderService, paymentService, notificationService)
    : null;

var prometheus = settings.HasMetrics
    ? builder.AddPrometheus(ResourceNames.Prometheus, settings)
        .Scrapes(gateway, orderService, paymentService, notificationService)
        .Scrapes(messaging)
        .WatchedBy(monitor)
    : null;

var alertmanager = prometheus is null ? null : builder.AddAlertmanager(ResourceNames.Alertmanager, settings, monitor);
prometheus?.Alerts(alertmanager);
if (prometheus is not null)
{
    builder.AddGrafana(ResourceNames.Grafana, settings, prometheus, alertmanager, monitor);
}

builder.AddResourceLogFiles(settings);
builder.AddStartReport(settings, gateway, monitor, prometheus, alertmanager, messaging);
builder.AddConnectionFile(
    settings, gateway, notificationService, monitor, prometheus, alertmanager, messaging, orders, payments, notifications, events);

settings.RefuseProblems();
await builder.Build().RunAsync();
