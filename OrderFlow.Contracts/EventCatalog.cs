using Google.Protobuf.Reflection;

namespace OrderFlow.Contracts;

/// <summary>Every event of the system with the name it has on the wire.</summary>
public static class EventCatalog
{
    /// <summary>The events by wire type, read from the <c>wire_type</c> option of each message.</summary>
    public static IReadOnlyDictionary<string, MessageDescriptor> WireTypes { get; } =
        new[]
            {
                OrderCreatedReflection.Descriptor,
                PaymentRequestedReflection.Descriptor,
                PaymentProcessedReflection.Descriptor,
                OrderPaymentOverdueReflection.Descriptor,
                OrderProcessedReflection.Descriptor,
                OrderRejectedReflection.Descriptor,
                PaymentRefundRequestedReflection.Descriptor,
                PaymentRefundedReflection.Descriptor,
                NotificationSentReflection.Descriptor,
            }
            .SelectMany(file => file.MessageTypes)
            .Where(message => WireTypeOf(message) is not null)
            .ToDictionary(message => WireTypeOf(message)!, StringComparer.Ordinal);

    /// <summary>The versions of their bodies, read from the option <c>event_version</c>; 1 without.</summary>
    public static IReadOnlyDictionary<string, int> Versions { get; } = WireTypes.ToDictionary(
        type => type.Key,
        type => type.Value.GetOptions()?.GetExtension(WireTypeExtensions.EventVersion) is > 0 and var version ? version : 1,
        StringComparer.Ordinal);

    private static string? WireTypeOf(MessageDescriptor message) =>
        message.GetOptions()?.GetExtension(WireTypeExtensions.WireType) is { Length: > 0 } name ? name : null;
}
