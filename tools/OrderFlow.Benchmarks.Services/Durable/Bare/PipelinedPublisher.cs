using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Publishes in the caller's order without waiting, and says up to which message all are confirmed.</summary>
internal sealed class PipelinedPublisher
{
    private const ulong Mask = (1 << 16) - 1;

    private readonly IChannel _channel;
    private readonly bool[] _confirmed = new bool[Mask + 1];
    private readonly Action<ulong, ulong> _onConfirmed;
    private ulong _low;

    /// <param name="channel">See <see cref="BrokerChannels.ForPublishingAsync"/>.</param>
    /// <param name="onConfirmed">Is told the first and the last of the messages that are newly confirmed without a gap.</param>
    public PipelinedPublisher(IChannel channel, Action<ulong, ulong> onConfirmed)
    {
        (_channel, _onConfirmed) = (channel, onConfirmed);
        channel.BasicAcksAsync += OnAcksAsync;
        channel.BasicNacksAsync += (_, _) => throw new InvalidOperationException("The broker refused a message.");
        channel.CallbackExceptionAsync += (_, failure) =>
        {
            Crash.Because(failure.Exception);
            return Task.CompletedTask;
        };
    }

    /// <summary>How many messages were published.</summary>
    public ulong Sent { get; private set; }

    /// <summary>One caller at a time.</summary>
    public ValueTask PublishAsync(string queue, Guid eventId, ReadOnlyMemory<byte> body)
    {
        Sent++;
        return _channel.BasicPublishAsync("", queue, mandatory: false, BrokerChannels.Persistent(eventId), body);
    }

    private Task OnAcksAsync(object sender, BasicAckEventArgs ack)
    {
        for (var message = ack.Multiple ? _low + 1 : ack.DeliveryTag; message <= ack.DeliveryTag; message++)
        {
            _confirmed[message & Mask] = true;
        }

        var before = _low;
        while (_confirmed[(_low + 1) & Mask])
        {
            _low++;
            _confirmed[_low & Mask] = false;
        }

        if (_low > before)
        {
            _onConfirmed(before + 1, _low);
        }

        return Task.CompletedTask;
    }
}
