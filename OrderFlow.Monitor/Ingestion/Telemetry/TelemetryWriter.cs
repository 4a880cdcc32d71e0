using OpenTelemetry;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Takes what requests brought, decides the traces that are over, and stores those that are kept. While the database does not take them,
/// the buffer fills and senders get an error.
/// </summary>
internal sealed class TelemetryWriter(
    TelemetryBuffer buffer, TraceBuffer traces, OperationStatistics operations, TelemetryStore store, ISchema schema,
    MonitorInstruments instruments, TimeProvider time, ILogger<TelemetryWriter> logger) : BackgroundService
{
    /// <summary>Spans and log lines that are taken between two looks at what is over.</summary>
    private const int TakenAtOnce = 20_000;

    /// <summary>More requests come in meanwhile, and are taken together.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastStore = TimeSpan.FromSeconds(2);

    private bool _logged;

    /// <summary>Whether the database takes nothing at the moment, or nothing yet.</summary>
    public bool IsFailing { get; private set; } = true;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastStore);
        Take(int.MaxValue);
        var rest = Decide(all: true);
        if (rest.Count > 0 && !await TryStoreAsync(rest, limit.Token))
        {
            Drop(rest, "stopped");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Or every span of storing would be another span to store.
        using var untraced = SuppressInstrumentationScope.Begin();
        await schema.WaitUntilReadyAsync(stoppingToken);
        IsFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (traces.IsEmpty && operations.IsEmpty && !await buffer.WaitAsync(stoppingToken))
            {
                return;
            }

            await Task.Delay(Gathering, time, stoppingToken);
            Take(TakenAtOnce);
            var rows = Decide(all: false);
            while (rows.Count > 0 && !await TryStoreAsync(rows, stoppingToken))
            {
                if (stoppingToken.IsCancellationRequested)
                {
                    Drop(rows, "stopped");
                    return;
                }

                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private void Take(int most)
    {
        foreach (var batch in buffer.Take(most))
        {
            traces.Add(batch);
            buffer.Release(batch);
        }
    }

    private TelemetryRows Decide(bool all)
    {
        var decided = traces.Decide(all);
        instruments.TelemetryDropped("traces", "not_kept", decided.DroppedSpans);
        instruments.TelemetryDropped("traces", "invalid", decided.InvalidSpans);
        instruments.TraceBuffered(traces.Spans);
        return new TelemetryRows(decided.Traces, decided.Logs, operations.IsDue || (all && !operations.IsEmpty) ? operations.Take() : []);
    }

    /// <summary>False when it has to be tried again.</summary>
    private async Task<bool> TryStoreAsync(TelemetryRows rows, CancellationToken cancellationToken)
    {
        try
        {
            var spans = await store.StoreAsync(rows, cancellationToken);
            instruments.TelemetryStored("traces", spans);
            instruments.TelemetryStored("logs", rows.Logs.Count);
            IsFailing = _logged = false;
            return true;
        }
        catch (Exception exception) when (Unstorable.IsOfContent(exception))
        {
            // One row must not keep the others out: halves, until it is alone.
            if (rows.Count > 1)
            {
                foreach (var half in rows.Halves())
                {
                    while (!await TryStoreAsync(half, cancellationToken))
                    {
                        await Task.Delay(Pause, time, cancellationToken);
                    }
                }

                return true;
            }

            Log.TelemetryRefused(logger, rows.Traces.Sum(trace => trace.Spans) + rows.Logs.Count, Unstorable.Why(exception));
            Drop(rows, "refused");
            return true;
        }
#pragma warning disable CA1031 // Whatever it is, it is tried again; an error of a single row was handled above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_logged && !cancellationToken.IsCancellationRequested)
            {
                Log.TelemetryNotStored(logger, Pause, exception);
            }

            IsFailing = _logged = true;
            return false;
        }
    }

    private void Drop(TelemetryRows rows, string reason)
    {
        instruments.TelemetryDropped("traces", reason, rows.Traces.Sum(trace => trace.Spans));
        instruments.TelemetryDropped("logs", reason, rows.Logs.Count);
    }
}
