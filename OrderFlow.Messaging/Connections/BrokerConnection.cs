using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Connections;

/// <summary>
/// One connection that is opened again for as long as the service runs: connect, declare the topology, run the session,
/// and from the beginning when any of them fails. The first connect takes the same road as every later one.
/// </summary>
public sealed class BrokerConnection(string name, BrokerConnector connector, ServiceTopology topology, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan QuietAfterFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WorthAFreshStart = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);
    private readonly Backoff _backoff = new(time);
    private long _lastFailureLogged;

    public string Name => name;

    /// <summary>Whether the connection is open, the topology declared, and the session at work.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Why the connection is down, for the health check; no secret in it.</summary>
    public string? Problem { get; private set; } = "not connected yet";

    /// <summary>Runs <paramref name="session"/> on one connection after another until told to stop.</summary>
    /// <param name="session">Gets the connection, what to call when it is at work, and a token that says the connection is lost; returns
    /// or throws when it can do no more with it.</param>
    /// <param name="stopping">Ends the loop.</param>
    public async Task RunAsync(Func<IConnection, Action, CancellationToken, Task> session, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(session, stopping);
                ReportUnlessStopping(exception: null);
            }
#pragma warning disable CA1031 // Whatever broke the connection, the answer is a new one.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ReportUnlessStopping(exception);
            }

            await _backoff.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void ReportUnlessStopping(Exception? exception)
        {
            if (!stopping.IsCancellationRequested)
            {
                Report(exception);
            }
        }
    }

    private async Task RunOnceAsync(Func<IConnection, Action, CancellationToken, Task> session, CancellationToken stopping)
    {
        await using var connection = await connector.ConnectAsync(name, stopping);
        using var lost = new CancellationTokenSource();
        connection.ConnectionShutdownAsync += (_, _) => lost.CancelAsync();
        try
        {
            await topology.DeclareAsync(connection, stopping);
            var since = time.GetTimestamp();
            try
            {
                await session(connection, Ready, lost.Token);
            }
            catch (Exception) when (UnparsableMessage.Ended(connection.CloseReason))
            {
                // It may come so early that the session does not even begin; it is told below in either case.
            }

            // A session that dies at once, of a message it cannot bear for example, must not spin.
            var unparsable = UnparsableMessage.Ended(connection.CloseReason);
            if (unparsable || time.GetElapsedTime(since) > WorthAFreshStart)
            {
                _backoff.Reset();
            }

            Problem = connection.CloseReason?.ReplyText ?? "the session ended";
            if (unparsable)
            {
                // Quickly again and again: the broker's delivery limit ends it, and the queue waits behind the message until then.
                Log.Unparsable(logger, name, topology.DeadLetterQueue, Problem);
            }
        }
        finally
        {
            IsUp = false;
            await connection.CloseAsync(Constants.ReplySuccess, "done", CloseTimeout, abort: true, CancellationToken.None);
        }

        void Ready()
        {
            (IsUp, Problem, _lastFailureLogged) = (true, null, 0);
            Log.Connected(logger, name, connector.Address);
        }
    }

    private void Report(Exception? exception)
    {
        Problem = exception switch
        {
            TopologyException topologyProblem => topologyProblem.Message,
            null => Problem,
            _ => $"{exception.GetType().Name}: {exception.Message}",
        };

        // An outage is told when it begins and then rarely, however often the loop turns.
        var now = time.GetTimestamp();
        if (_lastFailureLogged == 0 || time.GetElapsedTime(_lastFailureLogged, now) > QuietAfterFailure)
        {
            _lastFailureLogged = now;
            Log.Disconnected(logger, name, connector.Address, Problem ?? "closed", exception);
        }
    }
}
