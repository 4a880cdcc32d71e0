using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores what the tap delivers and, while much comes, rests afterwards, so that the next batch is larger: most flows then begin and end in
/// one batch and are written once. When a batch is full, more waits, and there is no rest.
/// </summary>
internal sealed class PacedReceiver(
    EventReceiver receiver, IOptions<MonitorOptions> options, IOptions<TapOptions> tap, TimeProvider time) : ITapReceiver
{
    /// <summary>Messages in a batch from which on much comes: what is gathered at about 130 orders/s, and within a second at 20.</summary>
    private const int Much = 100;

    public async Task ReceiveAsync(IReadOnlyList<TappedMessage> batch, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await receiver.ReceiveAsync(batch, cancellationToken);
        var rest = options.Value.StorePeriod - time.GetElapsedTime(began);
        if (batch.Count >= Much && batch.Count < Math.Min(tap.Value.BatchSize, tap.Value.Prefetch) && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, time, cancellationToken);
        }
    }
}
