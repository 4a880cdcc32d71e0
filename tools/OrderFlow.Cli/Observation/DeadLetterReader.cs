using System.Collections.Concurrent;
using System.Text;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Observation;

/// <summary>
/// Reads every dead letter. They stay where they are: nothing is acknowledged, so all come back when the connection ends.
/// </summary>
internal sealed class DeadLetterReader(ReconnectingBroker broker, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Where more may still come.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Without one for so long, while some are missing, something is wrong.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="queues">Where dead letters are.</param>
    /// <param name="quiet">After so long without a further one there is none.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public async Task<IReadOnlyCollection<DeadLetter>> ReadAsync(
        IReadOnlyList<string> queues, TimeSpan quiet, CancellationToken cancellationToken)
    {
        var letters = new ConcurrentQueue<DeadLetter>();
        await broker.RunAsync(
            async connection =>
            {
                letters.Clear();
                foreach (var queue in queues)
                {
                    await ReadQueueAsync(connection, queue, letters, quiet, cancellationToken);
                }
            },
            cancellationToken);
        return letters;
    }

    private async Task ReadQueueAsync(
        IConnection connection, string queue, ConcurrentQueue<DeadLetter> letters, TimeSpan quiet, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var expected = await channel.MessageCountAsync(queue, cancellationToken);
        var read = 0L;
        // Without a limit of the consumer's a quorum queue has one of its own: 2,000 messages.
        await channel.BasicQosAsync(0, (ushort)Math.Clamp(expected, 1, ushort.MaxValue), global: false, cancellationToken);
        await channel.BasicConsumeAsync(queue, autoAck: false, new DeliveryConsumer(channel, Read), cancellationToken);
        var last = (Count: -1L, At: time.GetTimestamp());
        while (Interlocked.Read(ref read) is var count && (count < expected || time.GetElapsedTime(last.At) < quiet))
        {
            last = count == last.Count ? last : (count, time.GetTimestamp());
            if (!channel.IsOpen)
            {
                throw new IOException($"the broker went away while {queue} was read");
            }

            if (count < expected && time.GetElapsedTime(last.At) > Patience)
            {
                throw new CommandException(
                    $"{queue} says that it holds {expected} messages, but delivered {count} of them and then none for "
                    + $"{Patience.TotalSeconds:0} s. Does anybody else read it?");
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }

        void Read(DeliveredMessage message)
        {
            letters.Enqueue(Of(queue, message));
            Interlocked.Increment(ref read);
        }
    }

    private static DeadLetter Of(string queue, DeliveredMessage message)
    {
        var reason = Text(message, HeaderNames.DeadLetterReason)
            ?? (Text(message, "x-first-death-reason") is { } broker ? $"broker: {broker}" : "");
        return new DeadLetter(
            queue, Text(message, InjectedGarbage.MarkHeader), reason, message.Properties.Type, Text(message, HeaderNames.AggregateId))
        {
            Handler = Text(message, HeaderNames.DeadLetterHandler),
            Flow = Text(message, HeaderNames.Flow),
            CorrelationId = message.Properties.CorrelationId,
        };
    }

    private static string? Text(DeliveredMessage message, string header) =>
        message.Properties.Headers?.TryGetValue(header, out var value) == true && value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : null;
}
