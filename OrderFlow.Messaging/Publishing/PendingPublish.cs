using System.Buffers;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>A message on its way to the broker; its task ends with the broker's confirm.</summary>
internal sealed class PendingPublish(
    CachedString exchange, CachedString routingKey, bool requireSubscriber, BasicProperties properties, byte[] pooledBody, int length)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private byte[]? _pooledBody = pooledBody;

    /// <summary>A message with a copy of a body.</summary>
    public static PendingPublish Copying(
        ReadOnlySpan<byte> body, CachedString exchange, CachedString routingKey, bool requireSubscriber, BasicProperties properties)
    {
        var copy = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(copy);
        return new PendingPublish(exchange, routingKey, requireSubscriber, properties, copy, body.Length);
    }

    public CachedString Exchange { get; } = exchange;

    public CachedString RoutingKey { get; } = routingKey;

    /// <summary>Whether the message may not be returned for want of a queue.</summary>
    public bool RequireSubscriber { get; } = requireSubscriber;

    public BasicProperties Properties { get; } = properties;

    public ReadOnlyMemory<byte> Body => _pooledBody.AsMemory(0, Length);

    public int Length { get; } = length;

    /// <summary>Whether it may travel in one message with others to the same place, when it has to wait anyway.</summary>
    public bool MayBePacked { get; set; }

    /// <summary>The messages that this one carries: they end as it does.</summary>
    public IReadOnlyList<PendingPublish> Packed { get; private set; } = [];

    /// <summary>When it was handed over, as <see cref="TimeProvider.GetTimestamp"/> counts.</summary>
    public long HandedOverAt { get; set; }

    /// <summary>What the broker said when it returned the message; <see langword="null"/> if it did not.</summary>
    public string? ReturnedBecause { get; set; }

    /// <summary>One message with all of these, which go to the same place and end as it does.</summary>
    public static PendingPublish Together(IReadOnlyList<PendingPublish> messages)
    {
        var pack = Packs.Pack(messages);
        (pack.Packed, pack.HandedOverAt) = (messages, messages[0].HandedOverAt);
        return pack;
    }

    /// <summary>Whether it goes where another goes.</summary>
    public bool GoesWith(PendingPublish other) =>
        (Exchange.Value, RoutingKey.Value, RequireSubscriber) == (other.Exchange.Value, other.RoutingKey.Value, other.RequireSubscriber);

    /// <summary>Gives the body's memory back; only for who wrote it, or knows that nobody will.</summary>
    public void ReleaseBody()
    {
        if (_pooledBody is not null)
        {
            ArrayPool<byte>.Shared.Return(_pooledBody);
            _pooledBody = null;
        }
    }

    /// <summary>Ends as the broker said: taken, returned or refused.</summary>
    public void Settle(bool acknowledged)
    {
        foreach (var one in Packed)
        {
            one.ReturnedBecause = ReturnedBecause;
            one.Settle(acknowledged);
        }

        if (!acknowledged)
        {
            Fail(
                PublishFailure.Nacked,
                "the broker refused it; probably a queue that should get it is full. Let its consumers catch up, then publish again");
        }
        else if (ReturnedBecause is not null && RequireSubscriber)
        {
            Fail(
                PublishFailure.Unroutable,
                $"the broker returned it ({ReturnedBecause}): no queue is bound for it. "
                + "Start the service that handles it, then publish again");
        }
        else
        {
            TrySetResult();
        }
    }

    public void Fail(PublishFailure reason, string why, Exception? inner = null)
    {
        foreach (var one in Packed)
        {
            one.Fail(reason, why, inner);
        }

        Fail(new PublishException(reason, Describe(why), inner));
    }

    /// <summary>It is not sent: gives its memory back, and fails.</summary>
    public void Drop(PublishException failure)
    {
        ReleaseBody();
        Fail(failure);
    }

    /// <summary>The connection is lost, and the message was not written yet.</summary>
    public void FailUnsent(Exception? inner = null)
    {
        var why = Describe("the connection to the broker was lost before it was sent. Publish it again");
        Drop(new PublishException(PublishFailure.Disconnected, why, inner) { MayHaveArrived = false });
    }

    /// <summary>The client cannot write it as AMQP.</summary>
    public void FailUnwritable(Exception cause)
    {
        foreach (var one in Packed)
        {
            one.FailUnwritable(cause);
        }

        Fail(new InvalidOperationException(Describe($"it cannot be encoded as AMQP ({cause.Message})"), cause));
    }

    public void Fail(PublishException failure) => Fail((Exception)failure);

    public string Describe(string why) =>
        $"{Properties.Type ?? "A message"} {Properties.MessageId} was not published to "
        + $"'{(Exchange.Value.Length > 0 ? Exchange.Value : RoutingKey.Value)}': {why}.";

    private void Fail(Exception failure)
    {
        if (!Task.IsCompleted && TrySetException(failure))
        {
            // Who published it may have stopped waiting; that is no unobserved error.
            _ = Task.Exception;
        }
    }
}
