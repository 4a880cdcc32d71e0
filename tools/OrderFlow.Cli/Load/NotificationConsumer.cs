using System.IO.Compression;
using System.Text;
using Google.Protobuf;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Load;

/// <summary>Enters each <c>notification.sent</c> of the run into the ledger, and acknowledges many at once.</summary>
internal sealed class NotificationConsumer(
    IChannel channel, OrderNumbers numbers, OrderLedger ledger, TimeProvider time) : AsyncDefaultBasicConsumer(channel)
{
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _entered;
    private ulong _acknowledged;

    /// <summary>Ends when the broker takes the queue away.</summary>
    public Task Cancelled => _cancelled.Task;

    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        foreach (var (one, content) in PackedMessages.In(properties, body))
        {
            if (one.Type == EventTypes.NotificationSent && numbers.TryRead(one.CorrelationId, out var number)
                && TryRead(one, content, out var notification))
            {
                ledger.Notified(number, notification);
            }
        }

        Volatile.Write(ref _entered, deliveryTag);
        return Task.CompletedTask;
    }

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _cancelled.TrySetResult();
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    /// <summary>Acknowledges what was entered since the last time.</summary>
    public async ValueTask AcknowledgeAsync(CancellationToken cancellationToken)
    {
        var entered = Volatile.Read(ref _entered);
        if (entered > _acknowledged)
        {
            await Channel.BasicAckAsync(entered, multiple: true, cancellationToken);
            _acknowledged = entered;
        }
    }

    private bool TryRead(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, out Notification notification)
    {
        notification = default;
        try
        {
            var sent = Parse(properties, body);
            if (!Guid.TryParse(sent.OrderId, out var orderId) || !Guid.TryParse(properties.MessageId, out var eventId))
            {
                return false;
            }

            notification = new(eventId, orderId, sent.EndToEndMicros, PublishedAt(properties));
            return true;
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            // Not a notification; its order will be missing in the end.
            return false;
        }
    }

    private static NotificationSent Parse(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        if (!string.Equals(properties.ContentEncoding, BodyEncoding.Gzip, StringComparison.OrdinalIgnoreCase))
        {
            return NotificationSent.Parser.ParseFrom(body.Span);
        }

        using var plain = new GZipStream(new MemoryStream(body.ToArray()), CompressionMode.Decompress);
        return NotificationSent.Parser.ParseFrom(plain);
    }

    private long PublishedAt(IReadOnlyBasicProperties properties) => Header(properties, HeaderNames.PublishedAt) switch
    {
        long micros => micros,
        byte[] text when long.TryParse(Encoding.ASCII.GetString(text), out var micros) => micros,
        _ => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
    };

    private static object? Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers is { } headers && headers.TryGetValue(name, out var value) ? value : null;
}
