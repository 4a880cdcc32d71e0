using System.Globalization;
using System.Text;
using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>The events of one order as its services publish them, 10 ms apart, each caused by the one before.</summary>
internal sealed class OrderEvents
{
    private OrderEvents(DateTimeOffset origin, string? correlationId, string userId)
    {
        var order = new OrderCreated { OrderId = Guid.CreateVersion7(origin).ToString(), UserId = userId };
        OrderId = order.OrderId;
        var first = new EventContext
        {
            EventId = Guid.CreateVersion7(origin),
            CorrelationId = correlationId ?? Guid.CreateVersion7(origin).ToString(),
            Flow = FlowNames.OrderCreation,
            OriginTimestampMicros = UnixMicroseconds.From(origin),
            AggregateId = OrderId,
            UserId = userId,
        };
        Created = new(order, "gateway", At(first, origin, 1));
        PaymentRequested = Created.Causes(new PaymentRequested { OrderId = OrderId }, "order-service", origin, 10);
        PaymentProcessed = PaymentRequested.Causes(
            new PaymentProcessed { OrderId = OrderId, Outcome = PaymentOutcome.Approved }, "payment-service", origin, 20);
        Processed = PaymentProcessed.Causes(new OrderProcessed { OrderId = OrderId }, "order-service", origin, 30);
        Sent = Processed.Causes(new NotificationSent { OrderId = OrderId, Channel = "log" }, "notification-service", origin, 40);
    }

    public string OrderId { get; }

    public string CorrelationId => Created.Context.CorrelationId;

    public TestEvent Created { get; }

    public TestEvent PaymentRequested { get; }

    public TestEvent PaymentProcessed { get; }

    public TestEvent Processed { get; }

    public TestEvent Sent { get; }

    public IReadOnlyList<TestEvent> All => [Created, PaymentRequested, PaymentProcessed, Processed, Sent];

    public static OrderEvents From(DateTimeOffset origin, string? correlationId = null, string userId = "user-1") =>
        new(origin, correlationId, userId);

    /// <summary>The same order, whose last event carries a ledger and says the sum of it.</summary>
    public TestEvent SentWith(string stages, long endToEndMicros) => Sent with
    {
        Body = new NotificationSent { OrderId = OrderId, Channel = "log", EndToEndMicros = endToEndMicros },
        Stages = stages,
    };

    public static EventContext At(EventContext context, DateTimeOffset origin, int milliseconds) =>
        context with { PublishedAtMicros = UnixMicroseconds.From(origin.AddMilliseconds(milliseconds)) };
}

/// <summary>An event with all that travels with it.</summary>
internal sealed record TestEvent(IMessage Body, string Source, EventContext Context)
{
    public string WireType => EventCatalog.WireTypes.Single(entry => entry.Value == Body.Descriptor).Key;

    public string Exchange => $"{WireType.Split('.')[0]}.events";

    public TestEvent Causes(IMessage body, string source, DateTimeOffset origin, int milliseconds) => new(
        body,
        source,
        OrderEvents.At(
            Context with { EventId = Guid.CreateVersion7(origin.AddMilliseconds(milliseconds)), CausationId = Context.EventId },
            origin,
            milliseconds));

    /// <summary>The header <c>stages</c>.</summary>
    public string? Stages { get; init; }

    /// <summary>The same of a flow that something happened to.</summary>
    public TestEvent Of(FlowAttempt attempt) => this with { Context = Context with { FlowAttempt = attempt } };

    public TestEvent PublishedAt(DateTimeOffset at) =>
        this with { Context = Context with { PublishedAtMicros = UnixMicroseconds.From(at) } };

    public TestEvent Of(string tenant) => this with { Context = Context with { TenantId = tenant } };

    /// <summary>As the tap would deliver it.</summary>
    public TappedMessage Tapped() =>
        TapDecoder.Decode(1, Exchange, WireType, Properties(), Body.ToByteArray(), TimeProvider.System.GetTimestamp());

    /// <summary>A life-cycle event about it, as the tap would deliver it.</summary>
    public TappedMessage LifecycleEvent(
        string service, string kind, DateTimeOffset at, params IEnumerable<(string Name, object Value)> more)
    {
        var properties = Properties();
        (string, object)[] headers =
        [
            (HeaderNames.Notice, kind),
            (HeaderNames.NoticeService, service),
            (HeaderNames.NoticeAt, UnixMicroseconds.From(at)),
        ];
        foreach (var (name, value) in headers.Concat(more))
        {
            properties.Headers![name] = value is string text ? Encoding.UTF8.GetBytes(text) : value;
        }

        return TapDecoder.Decode(1, LifecycleEventNames.Exchange, $"{service}.{kind}", properties, [], TimeProvider.System.GetTimestamp());
    }

    public BasicProperties Properties()
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [HeaderNames.OriginTimestamp] = Context.OriginTimestampMicros,
            [HeaderNames.PublishedAt] = Context.PublishedAtMicros,
            [HeaderNames.EventVersion] = Context.EventVersion,
            [HeaderNames.Attempt] = Context.Attempt,
            [HeaderNames.Flow] = Encoding.UTF8.GetBytes(Context.Flow),
            [HeaderNames.TraceParent] = Encoding.UTF8.GetBytes("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            [HeaderNames.TraceState] = Encoding.UTF8.GetBytes("vendor=1"),
        };
        Add(HeaderNames.CausationId, Context.CausationId?.ToString());
        Add(HeaderNames.AggregateId, Context.AggregateId);
        Add(HeaderNames.TenantId, Context.TenantId);
        Add(HeaderNames.UserId, Context.UserId);
        Add(HeaderNames.Stages, Stages);
        Add(HeaderNames.FlowAttempt, Context.FlowAttempt == FlowAttempt.First ? null : Context.FlowAttempt.ToText());
        return new BasicProperties
        {
            MessageId = Context.EventId.ToString(),
            CorrelationId = Context.CorrelationId,
            Type = WireType,
            AppId = Source,
            ContentType = "application/protobuf",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = headers,
        };

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                headers[name] = Encoding.UTF8.GetBytes(value);
            }
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{WireType} {Context.EventId}");
}
