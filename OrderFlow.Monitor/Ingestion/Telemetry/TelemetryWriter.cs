using OpenTelemetry;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Stores what is in the buffer, many requests at once. While the database does not take it, the buffer fills and senders get an error.
/// </summary>
internal sealed class TelemetryWriter(
    TelemetryBuffer buffer, TelemetryStore store, ISchema schema, MonitorInstruments instruments, TimeProvider time,
    ILogger<TelemetryWriter> logger) : BackgroundService
{
    private const int RowsAtOnce = 5000;

    /// <summary>More requests come in meanwhile, and share a transaction.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

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
        var rest = buffer.Take(int.MaxValue);
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
        while (await buffer.WaitAsync(stoppingToken))
        {
            await Task.Delay(Gathering, time, stoppingToken);
            var batches = buffer.Take(RowsAtOnce);
            while (!await TryStoreAsync(batches, stoppingToken))
            {
                if (stoppingToken.IsCancellationRequested)
                {
                    Drop(batches, "stopped");
                    return;
                }

                await Task.Delay(Pause, time, stoppingToken);
            }

            buffer.Release(batches);
        }
    }

    /// <summary>False when it has to be tried again.</summary>
    private async Task<bool> TryStoreAsync(IReadOnlyList<TelemetryBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            var spans = await store.StoreAsync(batches, cancellationToken);
            instruments.TelemetryStored("traces", spans);
            instruments.TelemetryStored("logs", batches.Sum(batch => batch.Logs.Count));
            IsFailing = _logged = false;
            return true;
        }
        catch (Exception exception) when (Unstorable.IsOfContent(exception))
        {
            // One span must not keep the others out, of its own request neither: halves, until it is alone.
            if (batches.Sum(batch => batch.Count) > 1)
            {
                foreach (var half in TelemetryBatch.Halves(batches))
                {
                    while (!await TryStoreAsync(half, cancellationToken))
                    {
                        await Task.Delay(Pause, time, cancellationToken);
                    }
                }

                return true;
            }

            Log.TelemetryRefused(logger, 1, Unstorable.Why(exception));
            Drop(batches, "refused");
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

    private void Drop(IReadOnlyList<TelemetryBatch> batches, string reason)
    {
        instruments.TelemetryDropped("traces", reason, batches.Sum(batch => batch.Spans.Count));
        instruments.TelemetryDropped("logs", reason, batches.Sum(batch => batch.Logs.Count));
    }
}
