using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Load;

/// <summary>
/// The run's own queue: durable, so that what arrives while the broker restarts is not missed, and gone by itself if the tool is killed.
/// </summary>
internal static class NotificationQueue
{
    public const string Binding = "notification.#";
    public static readonly string Exchange = WireType.ExchangeOf(EventTypes.NotificationSent);
    public static readonly TimeSpan ExpiresUnusedAfter = TimeSpan.FromMinutes(30);

    public static async Task DeclareAsync(IChannel channel, string name, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-expires"] = (long)ExpiresUnusedAfter.TotalMilliseconds,
        };
        // Asked for first, so that nothing is left behind where there are no notifications.
        await channel.ExchangeDeclarePassiveAsync(Exchange, cancellationToken);
        await channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(name, Exchange, Binding, cancellationToken: cancellationToken);
    }
}
