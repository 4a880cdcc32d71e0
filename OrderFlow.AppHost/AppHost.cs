using OrderFlow.AppHost;
using OrderFlow.AppHost.Resources;
using OrderFlow.AppHost.Resources.Postgres;
using OrderFlow.AppHost.Resources.Prometheus;
using OrderFlow.AppHost.Resources.RabbitMQ;

if (Settings.PrintHelp(args))
{
    return;
}

var builder = DistributedApplication.CreateBuilder(args);
var settings = builder.AddSettings();

var messaging = builder.AddBroker(ResourceNames.Messaging, settings);

var postgres = builder.AddDatabaseServer(ResourceNames.Postgres, settings);
var orders = postgres.AddDatabase(ResourceNames.Orders);
var payments = postgres.AddDatabase(ResourceNames.Payments);
var notifications = postgres.AddDatabase(ResourceNames.Notifications);
var events = postgres.AddDatabase(ResourceNames.Events);

var orderService = builder.AddProject<Projects.OrderFlow_OrderService>(ResourceNames.OrderService)
    .WithHttpEndpoint(port: settings.Ports.OrderService)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("OrderService"))
    .WithSimulatedWork(settings, minMs: 50, maxMs: 250)
    .WithReference(orders).WaitFor(postgres)
    .WithReference(messaging).WaitFor(messaging);

var paymentService = builder.AddProject<Projects.OrderFlow_PaymentService>(ResourceNames.PaymentService)
    .WithHttpEndpoint(port: settings.Ports.PaymentService)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("PaymentService"))
    .WithSimulatedProvider(settings, minMs: 30, maxMs: 150)
    .WithReference(payments).WaitFor(postgres)
    .WithReference(messaging).WaitFor(messaging);

var notificationService = builder.AddProject<Projects.OrderFlow_NotificationService>(ResourceNames.NotificationService)
    .WithHttpEndpoint(port: settings.Ports.NotificationService)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("NotificationService"))
    .WithSimulatedWork(settings, minMs: 20, maxMs: 120)
    .WithSimulatedFailures(settings)
    .WithReference(notifications).WaitFor(postgres)
    .WithReference(messaging).WaitFor(messaging);

var gateway = builder.AddProject<Projects.OrderFlow_Gateway>(ResourceNames.Gateway)
    .WithHttpEndpoint(port: settings.Ports.Gateway)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("Gateway"))
    .WithReference(orderService)
    .WithReference(messaging).WaitFor(messaging);

// Beside the road: nobody waits for it, and no order is slower without it.
var consoleToken = builder.AddConsoleToken(ResourceNames.Monitor);
var monitor = builder.AddProject<Projects.OrderFlow_Monitor>(ResourceNames.Monitor)
    .WithHttpEndpoint(port: settings.Ports.Monitor)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("Monitor"))
    .WithConsole(consoleToken, gateway, settings)
    .WithRetryTiers(settings)
    .WithReference(events).WaitFor(postgres)
    .WithReference(messaging).WaitFor(messaging);

var prometheus = builder.AddPrometheus(ResourceNames.Prometheus, settings)
    .Scrapes(gateway, orderService, paymentService, notificationService, monitor)
    .Scrapes(messaging);
monitor.ReconcilesWith(prometheus);

builder.AddConnectionFile(settings, gateway, notificationService, monitor, consoleToken, prometheus, messaging, orders, payments, notifications, events);

builder.Build().Run();
