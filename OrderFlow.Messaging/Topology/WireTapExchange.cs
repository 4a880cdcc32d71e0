namespace OrderFlow.Messaging.Topology;

/// <summary>
/// Where listeners that no order depends on, such as a monitor, get a copy of every event (the wire tap of the Enterprise Integration
/// Patterns).
/// It is an exchange of its own: a queue of theirs at an event's exchange would make the broker say that the event has a subscriber when
/// the service that handles it has no queue.
/// </summary>
public static class WireTapExchange
{
    /// <summary>The topic exchange of all copies; the routing key is the wire type, as it is of the event.</summary>
    public const string Exchange = "wire-tap";
}
