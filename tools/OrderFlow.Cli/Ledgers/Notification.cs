using System.Runtime.InteropServices;

namespace OrderFlow.Cli.Ledgers;

/// <summary>What <c>notification.sent</c> says of one order.</summary>
/// <param name="EventId">Id of the event: the same when the broker delivers it again.</param>
/// <param name="OrderId">The order that it is about.</param>
/// <param name="EndToEndMicros">What NotificationService observed.</param>
/// <param name="SentAtMicros">When it was published, in microseconds since the Unix epoch.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Notification(Guid EventId, Guid OrderId, long EndToEndMicros, long SentAtMicros);
