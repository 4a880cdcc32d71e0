using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.LifecycleEvents;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// Looks at the dead letters of a service and sends them back to its queue, or to the partition of their aggregate where it keeps an
/// order. Safe to kill at any moment and to run twice at once: a message leaves the dead-letter queue only after the broker has confirmed
/// its copy, so at worst the service gets it twice.
/// </summary>
/// <param name="connections">The broker.</param>
/// <param name="time">Paces a replay with a rate.</param>
public sealed class DeadLetterReplay(IConnectionFactory connections, TimeProvider time)
{
    /// <summary>Bodies that are larger are not shown to who lists, so that a look fits into memory.</summary>
    private const int LargestListedBody = 4096;

    /// <summary>The same of those that are compressed, for the time that it takes to decompress them.</summary>
    private const int LargestDecompressed = 64 * 1024;

    /// <summary>Groups the dead letters by their cause. They stay in the queue, in place.</summary>
    /// <exception cref="ReplayException">The broker cannot be reached or has no such queue.</exception>
    /// <param name="service">The service's name.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <param name="begin">Is called when the look begins, also when it has to begin anew; returns what is shown each of them, the oldest
    /// first, with its body, or an empty one instead of a large one.</param>
    public async Task<DeadLetterListing> ListAsync(
        string service, CancellationToken cancellationToken, Func<Action<DeadLetter, ReadOnlyMemory<byte>>>? begin = null)
    {
        var groups = new DeadLetterGroups();
        var total = await DeadLetterQueue.ScanAsync(
            connections, service, IsListed, scan =>
            {
                groups = new DeadLetterGroups();
                var each = begin?.Invoke();
                return DeadLetterQueue.EachAsync(scan, (delivery, letter) =>
                {
                    letter = groups.Add(letter);
                    each?.Invoke(letter, BodyOf(delivery));
                    return Task.FromResult(true);
                }, cancellationToken);
            }, cancellationToken);
        return new DeadLetterListing(
            ServiceTopology.DeadLetterQueueOf(service),
            groups.Count,
            Math.Max(0, total - groups.Count),
            groups.Aggregates,
            groups.ToList());

        bool IsListed(BasicDeliverEventArgs delivery) => begin is not null && delivery.Body.Length <= LargestListedBody;

        static ReadOnlyMemory<byte> BodyOf(BasicDeliverEventArgs delivery) => BodyEncoding.TryDecode(
            delivery.BasicProperties.ContentEncoding, delivery.Body, out var body, out _, LargestDecompressed)
            ? body
            : default;
    }

    /// <summary>
    /// Reads one dead letter as a whole; it stays in the queue, in place. <see langword="null"/> when it is not there, or another look
    /// holds it.
    /// </summary>
    /// <exception cref="ReplayException">The broker cannot be reached or has no such queue.</exception>
    /// <param name="service">The service's name.</param>
    /// <param name="id">Its <see cref="DeadLetter.Id"/>.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<DeadLetterContent?> FindAsync(string service, string id, CancellationToken cancellationToken)
    {
        DeadLetterContent? found = null;
        await DeadLetterQueue.ScanAsync(
            connections,
            service,
            delivery => DeadLetter.IdOf(delivery.BasicProperties) == id,
            scan => DeadLetterQueue.EachAsync(scan, (delivery, letter) =>
            {
                found = letter.Id == id ? DeadLetterContent.Of(letter, delivery) : null;
                return Task.FromResult(found is null);
            }, cancellationToken),
            cancellationToken);
        return found;
    }

    /// <summary>
    /// Sends the selected dead letters back to the service's queue, the oldest first; what fails again becomes a dead letter again and is
    /// left then.
    /// </summary>
    /// <exception cref="ReplayException">The broker cannot be reached, has no such queue, or refuses a message; what was not sent is still
    /// a dead letter.</exception>
    /// <param name="service">The service's name.</param>
    /// <param name="request">What to send back, and how.</param>
    /// <param name="progress">Is called after every message.</param>
    /// <param name="cancellationToken">Stops after the current message; the result says how far it came.</param>
    public async Task<ReplayResult> ReplayAsync(
        string service, ReplayRequest request, IProgress<ReplayProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Rate is < ReplayRequest.LowestRate or double.NaN || request.Limit < 1)
        {
            throw new ArgumentException(
                $"A replay needs a rate of at least {ReplayRequest.LowestRate} (one in ten minutes) and a limit of at least 1; "
                + $"they are {request.Rate} and {request.Limit}.",
                nameof(request));
        }

        var run = request.RunId ?? Guid.CreateVersion7(time.GetUtcNow());
        var pace = new Pace(request.Rate, time);
        var (examined, replayed, interrupted) = (0, 0, false);
        var destination = service;
        // The broker takes the connection from whoever holds a message for half an hour: at a pace, what the next minute needs is enough.
        var paced = request.Rate is not null && !request.DryRun;
        var mostHeld = paced
            ? (int)Math.Clamp(Math.Ceiling(request.Rate!.Value * 60), 1, DeadLetterScan.MostHeld)
            : DeadLetterScan.MostHeld;
        var total = await DeadLetterQueue.ScanAsync(connections, service, _ => !request.DryRun, async scan =>
        {
            try
            {
                var target = await scan.TargetOfAsync(service, cancellationToken);
                destination = target.Name;
                await DeadLetterQueue.EachAsync(scan, async (delivery, letter) =>
                {
                    examined++;
                    if (request.Selection.Matches(letter) && !ReplayedMessage.IsOf(delivery.BasicProperties, run))
                    {
                        if (!request.DryRun)
                        {
                            await pace.WaitAsync(cancellationToken);
                            request.Sending?.Invoke(letter.MessageId);
                            // Once begun it is finished: a message half moved would be there twice.
                            var now = ClockReading.Now(time);
                            var properties = ReplayedMessage.Of(delivery.BasicProperties, letter, run, now);
                            // Dated before it goes: its service may have handled it, and published that, before this is published.
                            await scan.MoveAsync(
                                delivery, target, properties, service,
                                LifecycleEventEncoder.Write(LifecycleEventNames.Replayed, service, now, properties),
                                CancellationToken.None);
                        }

                        replayed++;
                    }
                    else if (paced)
                    {
                        await scan.PutBackAsync(delivery, cancellationToken);
                    }

                    progress?.Report(new ReplayProgress(examined, replayed, scan.Total));
                    return replayed < request.Limit;
                }, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                interrupted = true;
            }
        }, cancellationToken, mostHeld);
        return new ReplayResult(run, destination, total, examined, replayed, request.DryRun, interrupted);
    }
}
