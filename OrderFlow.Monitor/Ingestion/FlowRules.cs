using Google.Protobuf.Reflection;
using OrderFlow.Contracts;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>The events that change the state of a flow.</summary>
internal static class FlowRules
{
    /// <summary>The customer was notified: the flow has ended.</summary>
    public static string End { get; } = WireTypeOf(NotificationSent.Descriptor);

    /// <summary>The version of that event whose body is read.</summary>
    public static int EndVersion => EventCatalog.Versions[End];

    public static string Completed { get; } = WireTypeOf(OrderProcessed.Descriptor);

    public static string Rejected { get; } = WireTypeOf(OrderRejected.Descriptor);

    /// <summary>Events that come after their flow's end: giving one of them up gives no flow up.</summary>
    public static string[] AfterTheEnd { get; } = [WireTypeOf(PaymentRefundRequested.Descriptor), WireTypeOf(PaymentRefunded.Descriptor)];

    private static string WireTypeOf(MessageDescriptor @event) => EventCatalog.WireTypes.Single(entry => entry.Value == @event).Key;
}
