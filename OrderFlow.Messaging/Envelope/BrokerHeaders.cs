namespace OrderFlow.Messaging.Envelope;

/// <summary>What RabbitMQ writes into a message on its way through dead-lettering.</summary>
public static class BrokerHeaders
{
    public const string Death = "x-death";

    /// <summary>How often a quorum queue has delivered the message before, and got it back.</summary>
    public const string DeliveryCount = "x-delivery-count";

    private static readonly string[] All =
    [
        Death, DeliveryCount,
        "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason",
        "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason",
    ];

    /// <summary>Forgets the way so far: the broker drops an expired message that has been in the queue it would return to.</summary>
    public static void Remove(IDictionary<string, object?> headers)
    {
        foreach (var name in All)
        {
            headers.Remove(name);
        }
    }
}
