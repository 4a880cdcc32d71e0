using System.Diagnostics;

namespace OrderFlow.Tests.Support;

/// <summary>Asks for a state until it is there, soon at first and then less often.</summary>
internal static class Polling
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the state is there; when it does not come, the failure says what was seen instead.</summary>
    /// <exception cref="TimeoutException">The state did not come in time.</exception>
    public static async Task UntilAsync(
        Func<string> seen, Func<Task<bool>> state, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var since = Stopwatch.GetTimestamp();
        for (var pause = Shortest; !await state(); pause = pause < Longest ? pause * 2 : Longest)
        {
            if (Stopwatch.GetElapsedTime(since) > timeout)
            {
                throw new TimeoutException($"Not within {timeout.TotalSeconds} s: {seen()}.");
            }

            await Task.Delay(pause, cancellationToken);
        }
    }
}
