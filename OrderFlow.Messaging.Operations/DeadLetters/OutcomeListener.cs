using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Receives the life-cycle events of the messages of one replay, over a queue that is there only as long.</summary>
internal sealed class OutcomeListener : IAsyncDisposable
{
    private static readonly string[] Kinds =
    [
        LifecycleEventNames.Handled,
        LifecycleEventNames.RetryQueued,
        LifecycleEventNames.DeadLettered,
    ];

    private readonly IChannel _channel;
    private ShutdownEventArgs? _closed;
    private ReplayOutcomes? _listening;

    private OutcomeListener(IChannel channel) => _channel = channel;

    public static async Task<OutcomeListener> OpenAsync(
        IConnection connection, string service, Guid run, CancellationToken cancellationToken)
    {
        var opened = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var listener = new OutcomeListener(opened);
        try
        {
            await opened.ExchangeDeclareAsync(
                LifecycleEventNames.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            var queue = (await opened.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
            foreach (var kind in Kinds)
            {
                await opened.QueueBindAsync(
                    queue,
                    LifecycleEventNames.Exchange,
                    LifecycleEventNames.RoutingKey(service, kind),
                    cancellationToken: cancellationToken);
            }

            var consumer = new AsyncEventingBasicConsumer(opened);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                if (ReplayedMessage.IsOf(delivery.BasicProperties, run))
                {
                    listener.Hear(delivery.BasicProperties);
                }

                return Task.CompletedTask;
            };
            opened.ChannelShutdownAsync += (_, reason) =>
            {
                Volatile.Write(ref listener._closed, reason);
                Volatile.Read(ref listener._listening)?.Deaf(new AlreadyClosedException(reason));
                return Task.CompletedTask;
            };
            await opened.BasicConsumeAsync(queue, autoAck: true, consumer, cancellationToken);
            return listener;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on what is received belongs to this step.</summary>
    public void Listen(ReplayOutcomes outcomes)
    {
        Volatile.Write(ref _listening, outcomes);
        if (Volatile.Read(ref _closed) is { } reason)
        {
            outcomes.Deaf(new AlreadyClosedException(reason));
        }
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private void Hear(IReadOnlyBasicProperties notice)
    {
        var headers = notice.Headers;
        if (DeadLetter.Text(headers, HeaderNames.Notice) is { } kind)
        {
            var (type, message) = kind == LifecycleEventNames.RetryQueued
                ? (DeadLetter.Text(headers, HeaderNames.RetryExceptionType), DeadLetter.Text(headers, HeaderNames.RetryExceptionMessage))
                : (
                    DeadLetter.Text(headers, HeaderNames.DeadLetterExceptionType),
                    DeadLetter.Text(headers, HeaderNames.DeadLetterExceptionMessage));
            Volatile.Read(ref _listening)?.Heard(
                notice.MessageId, kind, string.Join(": ", new[] { type, message }.OfType<string>()) is { Length: > 0 } said ? said : null);
        }
    }
}
