namespace OrderFlow.Tests.Journey;

/// <summary>Waits for a state of the running system, with a time-out that says what was seen instead.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan timeout, Func<string> seen, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > timeout)
            {
                throw new TimeoutException($"Not within {timeout}: {seen()}");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
