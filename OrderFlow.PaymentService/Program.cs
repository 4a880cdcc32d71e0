using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Postgres;
using OrderFlow.PaymentService;
using OrderFlow.PaymentService.AuthorizePayment;
using OrderFlow.PaymentService.Provider;
using OrderFlow.PaymentService.RefundPayment;
using OrderFlow.PaymentService.Storage;
using OrderFlow.ServiceDefaults;

var builder = ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddStorage();

builder.AddMessageBroker(ServiceNames.Broker);
builder.AddMessaging(ServiceNames.PaymentService, bus => bus
    .AddEvents(EventCatalog.WireTypes, EventCatalog.Versions)
    .HandlesInBatches<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>(AuthorizePaymentRetries.Configure)
    .HandlesInTransaction<PaymentRefundRequested, RefundablePayment, RefundPaymentHandler>(RefundPaymentRetries.Configure)
    .Publishes<PaymentProcessed>()
    .Publishes<PaymentRefunded>());

builder.Services.AddSingleton<PaymentInstruments>();
builder.AddPaymentProvider();

var app = builder.Build();

app.MapLatencySwitch();
app.MapDefaultEndpoints();

await app.RunAsync();
