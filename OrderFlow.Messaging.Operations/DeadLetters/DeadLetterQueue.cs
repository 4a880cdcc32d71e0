using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Looks at a service's dead letters one after the other, and says in words what stopped it.</summary>
internal static class DeadLetterQueue
{
    /// <summary>
    /// Runs <paramref name="work"/> on a connection of its own; what it did not acknowledge is back in the queue afterwards. It begins
    /// anew when a message that the client cannot parse ended the connection: that one is in the parking lot by then. With
    /// <paramref name="mostHeld"/>
    /// messages that were neither acknowledged nor put back, no more come.
    /// </summary>
    /// <returns>How many messages were there when it began.</returns>
    public static Task<long> ScanAsync(
        IConnectionFactory connections, string service, Func<BasicDeliverEventArgs, bool> keepBody, Func<DeadLetterScan, Task> work,
        CancellationToken cancellationToken, int mostHeld = DeadLetterScan.MostHeld) =>
        PastUnparsableAsync(connections, service, () => OnConnectionAsync(connections, "dead-letters", service, async connection =>
        {
            await using var scan = await DeadLetterScan.OpenAsync(
                connection, ServiceTopology.DeadLetterQueueOf(service), keepBody, mostHeld, cancellationToken);
            await work(scan);
            return scan.Total;
        }, cancellationToken), cancellationToken);

    /// <summary>
    /// Runs <paramref name="work"/>, and once more when it met a message that the client cannot parse, after that is out of the way.
    /// </summary>
    public static async Task<T> PastUnparsableAsync<T>(
        IConnectionFactory connections, string service, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (ReplayException exception) when (exception.IsUnparsable)
        {
            if (!await OnceAsync())
            {
                throw;
            }
        }

        return await work();

        async Task<bool> OnceAsync()
        {
            try
            {
                return await DeadLetterRenewal.PassUnparsableAsync(
                    connections, ServiceTopology.DeadLetterQueueOf(service), cancellationToken);
            }
            catch (Exception exception) when (
                exception is AlreadyClosedException or OperationInterruptedException or BrokerUnreachableException or PublishException)
            {
                throw Ended(exception);
            }
        }
    }

    /// <summary>Runs <paramref name="work"/> on a connection of its own, which the broker shows by its name.</summary>
    public static async Task<T> OnConnectionAsync<T>(
        IConnectionFactory connections, string name, string service, Func<IConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await connections.CreateConnectionAsync(name, cancellationToken);
            return await work(connection);
        }
        catch (PublishException exception)
        {
            throw new ReplayException(
                "The broker did not take a message back "
                + $"({(exception.IsReturn ? "its service's queue does not exist" : "probably its service's queue is full")}). "
                + "It and everything after it is still a dead letter. Start the service, let it catch up, then replay again.", exception);
        }
        catch (BrokerUnreachableException exception)
        {
            throw new ReplayException(
                $"The broker cannot be reached: {exception.GetBaseException().Message.TrimEnd('.')}. Start it, or name another one.",
                exception);
        }
        catch (OperationInterruptedException exception) when (UnparsableMessage.Ended(exception.ShutdownReason))
        {
            throw new ReplayException(
                $"A dead letter cannot be parsed by the AMQP client: {exception.ShutdownReason!.ReplyText}. "
                + "It was none of OrderFlow's events, and keeps the others from being looked at. "
                + $"Take it out in RabbitMQ's management (queue {ServiceTopology.DeadLetterQueueOf(service)}, "
                + "Get messages, Reject requeue false), then try again.",
                exception)
            {
                IsUnparsable = true,
            };
        }
        catch (Exception exception) when (exception is AlreadyClosedException or OperationInterruptedException)
        {
            throw Ended(exception);
        }
        catch (Exception exception) when (
            exception is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // The client gives up waiting for a broker that stands still with a cancellation of its own.
            throw Ended(exception);
        }
    }

    private static ReplayException Ended(Exception exception) =>
        new(
            $"The broker does not answer, or ended the connection: {exception.Message.TrimEnd('.')}. "
            + "What was not dealt with yet is still a dead letter; try again.",
            exception);

    /// <summary>Shows each to <paramref name="look"/> until that returns <see langword="false"/>.</summary>
    public static async Task EachAsync(
        DeadLetterScan scan, Func<BasicDeliverEventArgs, DeadLetter, Task<bool>> look, CancellationToken cancellationToken)
    {
        for (var seen = 0; await scan.NextAsync(seen, cancellationToken) is { } delivery; seen++)
        {
            if (!await look(delivery, DeadLetter.Read(delivery.BasicProperties)))
            {
                return;
            }
        }
    }
}
