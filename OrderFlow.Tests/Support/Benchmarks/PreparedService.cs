using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Pipeline;
using OrderFlow.ServiceDefaults;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Support.Benchmarks;

/// <summary>A service as every service is wired, never started, with one delivery that it handles again and again.</summary>
public sealed class PreparedService : IDisposable
{
    private readonly OtlpSink _sink = new();
    private readonly WebApplication _app;
    private readonly HandlingPipeline _pipeline;
    private readonly TracerProvider? _tracing;
    private readonly Delivery _delivery;
    private readonly bool _sampled;

    public PreparedService(bool traced, bool sampled)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:messaging"] = "amqp://nobody:nothing@127.0.0.1:1";
        builder.Configuration["Telemetry:MonitorEndpoint"] = _sink.Endpoint.ToString();
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.AddMessageBroker("messaging");
        builder.AddMessaging("order-service", bus => bus.AddEvents(EventCatalog.WireTypes).Handles<OrderCreated, NothingToDo>());
        _app = builder.Build();
        _tracing = traced ? _app.Services.GetRequiredService<TracerProvider>() : null;
        _pipeline = _app.Services.GetRequiredService<HandlingPipeline>();
        (_delivery, _sampled) = (Deliver(sampled), sampled);
        if (ProcessAsync().GetAwaiter().GetResult() is var settlement && settlement != Settlement.Acknowledge)
        {
            throw new InvalidOperationException(
                $"The delivery is settled as {settlement}: the benchmark would not measure one that is handled.");
        }
    }

    public Task HandleAsync() => ProcessAsync();

    /// <summary>Sends the spans that are to be sent.</summary>
    public void Export()
    {
        if (_tracing?.ForceFlush() == false || (_sampled && _sink.Requests == 0))
        {
            throw new InvalidOperationException("The spans were not exported: the benchmark would measure something else.");
        }
    }

    public void Dispose()
    {
        _tracing?.Dispose();
        ((IDisposable)_app).Dispose();
        _sink.Dispose();
    }

    private Task<Settlement> ProcessAsync() =>
        _pipeline.HandleAsync(_delivery, new HandlingLifetime(CancellationToken.None, CancellationToken.None));

    private static Delivery Deliver(bool sampled)
    {
        var order = new OrderCreated
        {
            OrderId = "order-1",
            UserId = "user-123",
            Lines = { new OrderLine { ItemId = "item-1", Quantity = 2 } },
        };
        var now = TimeProvider.System.GetUtcNow();
        var properties = new BasicProperties
        {
            MessageId = Guid.CreateVersion7().ToString(),
            CorrelationId = Guid.CreateVersion7().ToString(),
            Type = EventCatalog.WireTypes.Single(entry => entry.Value == OrderCreated.Descriptor).Key,
            AppId = "gateway",
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [HeaderNames.OriginTimestamp] = UnixMicroseconds.From(now),
                [HeaderNames.PublishedAt] = UnixMicroseconds.From(now),
                [HeaderNames.Flow] = Encoding.UTF8.GetBytes(FlowNames.OrderCreation),
                [HeaderNames.AggregateId] = Encoding.UTF8.GetBytes(order.OrderId),
                [HeaderNames.TraceParent] = Encoding.UTF8.GetBytes(
                    $"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0{(sampled ? 1 : 0)}"),
            },
        };
        return new Delivery(
            1, "order-service", "order.events", properties.Type, properties, order.ToByteArray(), ClockReading.Now(TimeProvider.System));
    }

    private sealed class NothingToDo : IEventHandler<OrderCreated>
    {
        public Task HandleAsync(IHandlingContext context, OrderCreated @event, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
