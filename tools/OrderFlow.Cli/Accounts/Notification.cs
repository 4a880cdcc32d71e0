using System.Runtime.InteropServices;

namespace OrderFlow.Cli.Accounts;

/// <summary>What <c>notification.sent</c> says of one order.</summary>
/// <param name="EventId">Id of the event: the same when the broker delivers it again.</param>
/// <param name="OrderId">The order that its customer was told of.</param>
/// <param name="EndToEndMicros">What NotificationService observed.</param>
/// <param name="ToldAtMicros">When it said so, in microseconds since the Unix epoch.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Notification(Guid EventId, Guid OrderId, long EndToEndMicros, long ToldAtMicros);
