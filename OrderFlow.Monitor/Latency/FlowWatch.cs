using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Latency;

/// <summary>Counts the open flows, and each flow that misses its deadline once, whichever replica finds it first.</summary>
internal sealed class FlowWatch(
    NpgsqlDataSource database, ITap tap, StoreProgress progress, MonitorInstruments instruments, IOptions<MonitorOptions> options,
    TimeProvider time, ILogger<FlowWatch> logger)
{
    /// <summary>
    /// Between the time that an event says it is published at and its place in the queue are its publisher's and the broker's delays:
    /// others may overtake it. A miss is counted so much later, because what is counted cannot be taken back.
    /// </summary>
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(5);

    private const string CountOpen = "SELECT flow, count(*), min(started_at) FROM flows WHERE status = 'open' GROUP BY flow";

    /// <summary>The row's lock makes it exact: of two replicas, the second finds it decided.</summary>
    private const string MarkMissed = """
        WITH missed AS (UPDATE flows SET deadline_missed = true WHERE deadline_missed IS NULL AND started_at < $1 RETURNING flow)
        SELECT flow, count(*) FROM missed GROUP BY flow
        """;

    private readonly WatchClock _clock = new(time);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (await SeenUntilAsync(cancellationToken) is { } until)
        {
            await CountMissedAsync(until - options.Value.FlowDeadline, cancellationToken);
        }

        await CountOpenAsync(cancellationToken);
    }

    /// <summary>
    /// The time up to which every event is stored. While the Monitor catches up after a stop, that is the time of the events, not now:
    /// a flow whose end still waits in the queue has missed nothing. <see langword="null"/> when it is not known.
    /// </summary>
    private async Task<DateTimeOffset?> SeenUntilAsync(CancellationToken cancellationToken)
    {
        var now = _clock.Now(progress.LastPublished, options.Value.FlowDeadline);
        if (!tap.IsListening || await tap.WaitingAsync(cancellationToken) is not { } waiting)
        {
            return null;
        }

        instruments.Waiting(waiting);
        // An event may claim to be from tomorrow; nothing has been seen of that yet.
        var seen = waiting > 0 && !(progress.LastPublished > now) ? progress.LastPublished : now;
        if (tap.OldestUnstored?.Context is { } unstored
            && UnixMicroseconds.ToTime(unstored.PublishedAtMicros) is var published
            && published < seen)
        {
            seen = published;
        }

        return seen - OnTheWay;
    }

    private async Task CountMissedAsync(DateTimeOffset startedBefore, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(MarkMissed);
        command.Parameters.Add(Sql.Time(startedBefore));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        instruments.DeadlineMissed(FlowNames.OrderCreation, 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            instruments.DeadlineMissed(FlowNames.Label(reader.GetString(0)), reader.GetInt64(1));
            Log.DeadlineMissed(logger, reader.GetInt64(1), reader.GetString(0), options.Value.FlowDeadline);
        }
    }

    private async Task CountOpenAsync(CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, (long Count, TimeSpan Oldest)>(StringComparer.Ordinal)
        {
            [FlowNames.OrderCreation] = default,
            [FlowNames.Unknown] = default,
        };
        await using var command = database.CreateCommand(CountOpen);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var now = time.GetUtcNow();
        while (await reader.ReadAsync(cancellationToken))
        {
            var label = FlowNames.Label(reader.GetString(0));
            var (count, oldest) = open[label];
            var age = now - reader.Time(2);
            open[label] = (count + reader.GetInt64(1), age > oldest ? age : oldest);
        }

        foreach (var (flow, (count, oldest)) in open)
        {
            instruments.Open(flow, count, oldest);
        }
    }
}
