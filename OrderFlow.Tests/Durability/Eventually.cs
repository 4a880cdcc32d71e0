namespace OrderFlow.Tests.Durability;

/// <summary>Waits for a state.</summary>
internal static class Eventually
{
    public static Task TrueAsync(Func<Task<bool>> state) => TrueAsync(TimeSpan.FromSeconds(20), state);

    /// <summary>Waits until the state is there.</summary>
    /// <exception cref="TimeoutException">The state did not come in time.</exception>
    public static async Task TrueAsync(TimeSpan timeout, Func<Task<bool>> state)
    {
        using var expiry = new CancellationTokenSource(timeout);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await state())
        {
            try
            {
                await poll.WaitForNextTickAsync(expiry.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"The state did not come within {timeout}.", exception);
            }
        }
    }
}
