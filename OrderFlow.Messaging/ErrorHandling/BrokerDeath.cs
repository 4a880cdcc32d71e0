using System.Collections;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>What the broker says of a message that it took out of a queue itself, in its header <c>x-death</c>.</summary>
/// <param name="Queue">The queue it was in.</param>
/// <param name="Reason">The broker's own word: <c>delivery_limit</c>, <c>expired</c>, <c>rejected</c> or <c>maxlen</c>.</param>
internal sealed record BrokerDeath(string? Queue, string Reason)
{
    private static readonly BrokerDeath Untold = new(null, DeadLetterReasons.Undelivered);

    /// <summary>The last one: the broker writes the newest first.</summary>
    public static BrokerDeath Of(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue(BrokerHeaders.Death, out var deaths) == true
            && deaths is IList { Count: > 0 } list
            && list[0] is IDictionary<string, object?> death
            ? new BrokerDeath(Text(death, "queue"), DeadLetterReasons.OfBroker(Text(death, "reason")))
            : Untold;

    public string Describe() => Reason switch
    {
        DeadLetterReasons.DeliveryLimit =>
            $"the broker took it out of {Queue}: it was delivered more often than the queue's delivery limit "
            + "allows and never acknowledged. Probably its consumer ended over it, or was killed again and again",
        DeadLetterReasons.Expired =>
            $"the broker took it out of {Queue}: it waited longer than a time-to-live allows, "
            + "which no queue of the service has by itself. Look for a policy: rabbitmqctl list_policies",
        DeadLetterReasons.Rejected => $"somebody rejected it in {Queue}, or it could not be written again",
        _ => $"the broker took it out of {Queue ?? "the service's queue"}",
    };

    private static string? Text(IDictionary<string, object?> death, string name) =>
        death.TryGetValue(name, out var value) && value is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;
}

/// <summary>The broker gave an event up, not a handler.</summary>
internal sealed class UndeliveredException(string message) : Exception(message);
