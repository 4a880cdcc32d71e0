namespace OrderFlow.Messaging.Replaying;

/// <summary>Lets pass so many a second, evenly; the first at once.</summary>
internal sealed class Pace(double? rate, TimeProvider time)
{
    private long? startedAt;
    private long passed;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        startedAt ??= time.GetTimestamp();
        if (rate is { } perSecond)
        {
            var wait = TimeSpan.FromSeconds(passed / perSecond) - time.GetElapsedTime(startedAt.Value);
            passed++;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }
}
