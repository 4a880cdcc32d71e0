using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// Takes dead letters out of their queue for good, after writing them down. Safe to kill at any moment: a message leaves the queue only
/// when its line is on the disk, so at worst a line is there twice, with the same message id.
/// </summary>
/// <param name="connections">The broker.</param>
/// <param name="time">Says when they were discarded.</param>
public sealed class DeadLetterDiscard(IConnectionFactory connections, TimeProvider time)
{
    /// <summary>Messages that share one wait for the disk.</summary>
    private const int Batch = 100;

    /// <summary>Discards the selected dead letters, the oldest first.</summary>
    /// <exception cref="ReplayException">The broker cannot be reached or has no such queue, or the file cannot be written; what was not
    /// discarded is still a dead letter.</exception>
    /// <param name="service">The service's name.</param>
    /// <param name="request">What to discard, and why.</param>
    /// <param name="path">The file that gets them, one JSON document a line. It is created, readable by its owner alone, or appended
    /// to.</param>
    /// <param name="progress">Is called after every message.</param>
    /// <param name="cancellationToken">Stops after the messages just written; the result says how far it came.</param>
    public async Task<DiscardResult> DiscardAsync(
        string service, DiscardRequest request, string path, IProgress<DiscardProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrWhiteSpace(request.Reason) || string.IsNullOrWhiteSpace(request.By) || request.Limit < 1)
        {
            throw new ArgumentException(
                "A discard needs a reason, a name and a limit of at least 1; "
                + $"they are '{request.Reason}', '{request.By}' and {request.Limit}.",
                nameof(request));
        }

        var run = request.RunId ?? Guid.CreateVersion7(time.GetUtcNow());
        var batch = new List<(BasicDeliverEventArgs Message, DiscardedLetter Letter)>();
        var (examined, discarded, interrupted) = (0, 0, false);
        DiscardFile? file = null;
        try
        {
            var total = await DeadLetterQueue.ScanAsync(connections, service, _ => !request.DryRun, async scan =>
            {
                // Of a connection before this one, if there was one: it is delivered again.
                batch.Clear();
                try
                {
                    await DeadLetterQueue.EachAsync(scan, async (delivery, letter) =>
                    {
                        examined++;
                        if (request.Selection.Matches(letter))
                        {
                            batch.Add((delivery, new DiscardedLetter(
                                run, service, letter.MessageId, letter.EventType, letter.Key, request.Reason, request.By,
                                time.GetUtcNow())));
                        }

                        var enough = discarded + batch.Count >= request.Limit;
                        if (enough || batch.Count == Batch)
                        {
                            await SettleAsync(scan);
                        }

                        progress?.Report(new DiscardProgress(examined, discarded + batch.Count, scan.Total));
                        return !enough;
                    }, cancellationToken);
                    await SettleAsync(scan);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    interrupted = true;
                }
            }, cancellationToken);
            return new DiscardResult(
                run,
                ServiceTopology.DeadLetterQueueOf(service),
                Path.GetFullPath(path),
                total,
                examined,
                discarded,
                request.DryRun,
                interrupted);
        }
        finally
        {
            file?.Dispose();
        }

        async Task SettleAsync(DeadLetterScan scan)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!request.DryRun && batch.Count > 0)
            {
                WithFile(path, () => file ??= DiscardFile.Open(path));
                WithFile(path, () => file!.Write(batch));
                foreach (var (message, letter) in batch)
                {
                    if (request.Observer is { } observer)
                    {
                        // Once written it is finished: a line without its discard would be there twice.
                        await observer(letter, CancellationToken.None);
                    }

                    await scan.PublishLifecycleEventAsync(
                        service, LifecycleEventNames.Discarded, DiscardedEvent.Of(message.BasicProperties, letter));
                    await scan.RemoveAsync(message);
                    discarded++;
                }
            }
            else
            {
                discarded += batch.Count;
            }

            batch.Clear();
        }
    }

    private static void WithFile(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReplayException(
                $"What is to be discarded cannot be written to {path}: {exception.Message.TrimEnd('.')}. "
                + "What is not in it is still a dead letter. Name another file with room, then discard again.",
                exception);
        }
    }
}
