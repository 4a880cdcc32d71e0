namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Lets pass so many a second, evenly; the first at once.</summary>
internal sealed class Pace(double? rate, TimeProvider time)
{
    private long? _startedAt;
    private long _passed;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _startedAt ??= time.GetTimestamp();
        if (rate is { } perSecond)
        {
            var wait = TimeSpan.FromSeconds(_passed / perSecond) - time.GetElapsedTime(_startedAt.Value);
            _passed++;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }
}
