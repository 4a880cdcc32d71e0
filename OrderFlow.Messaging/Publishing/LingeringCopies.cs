namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// Keeps copies of single events for a moment, so that those of one type go to listeners in one message although nothing else brought them
/// together: at a few hundred events a second the copies would cost the broker as much as the events.
/// </summary>
internal sealed class LingeringCopies(PublisherConnection connection)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private List<PendingPublish> _waiting = [];

    /// <summary>Takes a copy; its task ends as that of the message that it goes in.</summary>
    public void Add(PendingPublish copy)
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = _waiting.Count == 0;
            _waiting.Add(copy);
        }

        if (isFirst)
        {
            _ = SendLaterAsync();
        }
    }

    private async Task SendLaterAsync()
    {
        await Task.Delay(Moment);
        List<PendingPublish> taken;
        lock (_gate)
        {
            (taken, _waiting) = (_waiting, []);
        }

        foreach (var (message, members) in Packs.Of(taken, WireTapCopies.MostPacked))
        {
            _ = SendAsync(message, members.ConvertAll(member => taken[member]));
        }
    }

    private async Task SendAsync(PendingPublish message, List<PendingPublish> copies)
    {
        try
        {
            await connection.SendAsync(message);
            copies.ForEach(copy => copy.TrySetResult());
        }
        catch (PublishException exception)
        {
            copies.ForEach(copy => copy.Fail(exception));
        }
        catch (InvalidOperationException exception)
        {
            copies.ForEach(copy => copy.TrySetException(exception));
        }
    }
}
