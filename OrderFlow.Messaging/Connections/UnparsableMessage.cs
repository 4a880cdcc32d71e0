using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Connections;

/// <summary>
/// A message that the broker took and the client library cannot parse, such as a decimal header with more than 28 places. The library
/// closes the connection over it before anybody can look at it or acknowledge it, at each delivery, until the broker's delivery limit.
/// </summary>
public static class UnparsableMessage
{
    /// <summary>Whether that is why a connection was closed.</summary>
    public static bool Ended(ShutdownEventArgs? closed) =>
        closed is
        {
            Initiator: ShutdownInitiator.Library,
            ReplyCode: Constants.SyntaxError or Constants.FrameError or Constants.UnexpectedFrame,
        };
}
