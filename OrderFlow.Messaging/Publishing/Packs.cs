using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>Puts messages that go to the same place into one.</summary>
internal static class Packs
{
    /// <summary>Bytes of the bodies in one, at most.</summary>
    public const int LargestPack = 64 * 1024;

    /// <summary>
    /// Puts messages with the same exchange and routing key into one each, as far as they fit; gives the memory of those that it packed
    /// back.
    /// </summary>
    /// <param name="messages">What to send.</param>
    /// <param name="most">Messages that one carries at most; with 1 none is packed.</param>
    /// <returns>What to send instead, and the places in <paramref name="messages"/> of those that each stands for.</returns>
    public static List<(PendingPublish Message, List<int> Members)> Of(IReadOnlyList<PendingPublish> messages, int most)
    {
        var packs = new List<(PendingPublish, List<int>)>();
        var open = new Dictionary<(string Exchange, string RoutingKey), Open>();
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            if (most == 1 || !PackedMessages.CanPack(message.Properties))
            {
                packs.Add((message, [index]));
                continue;
            }

            var key = (message.Exchange.Value, message.RoutingKey.Value);
            if (!open.TryGetValue(key, out var together))
            {
                open.Add(key, together = new Open());
            }

            if (together.Members.Count == most
                || (together.Members.Count > 0 && together.Bytes + message.Length > LargestPack))
            {
                packs.Add(Close(together, messages));
                open[key] = together = new Open();
            }

            together.Members.Add(index);
            together.Bytes += message.Length;
        }

        packs.AddRange(open.Values.Select(together => Close(together, messages)));
        return packs;
    }

    /// <summary>One message with all of these, which go to the same place; gives their memory back.</summary>
    public static PendingPublish Pack(IReadOnlyList<PendingPublish> messages)
    {
        var content = PackedMessages.Pack(messages.Select(one => ((IReadOnlyBasicProperties)one.Properties, one.Body)));
        foreach (var message in messages)
        {
            message.ReleaseBody();
        }

        var first = messages[0];
        var properties = new BasicProperties
        {
            Type = first.Properties.Type,
            MessageId = first.Properties.MessageId,
            AppId = first.Properties.AppId,
            ContentType = PackedMessages.ContentType,
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = first.Properties.Timestamp,
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [HeaderNames.PackedMessages] = messages.Count },
        };
        return PendingPublish.Copying(content.Span, first.Exchange, first.RoutingKey, first.RequireSubscriber, properties);
    }

    private static (PendingPublish, List<int>) Close(Open together, IReadOnlyList<PendingPublish> messages) => (
        together.Members is [var alone] ? messages[alone] : Pack(together.Members.ConvertAll(index => messages[index])), together.Members);

    private sealed class Open
    {
        public List<int> Members { get; } = [];

        public int Bytes { get; set; }
    }
}
