using System.Diagnostics;

namespace OrderFlow.Tests.Messaging;

/// <summary>Waits on a state, never on the clock.</summary>
internal static class Wait
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public static Task UntilAsync(string what, Func<bool> state, TimeSpan? timeout = null) => UntilAsync(what, () => Task.FromResult(state()), timeout);

    public static Task UntilAsync(string what, Func<Task<bool>> state, TimeSpan? timeout = null) => UntilAsync(() => what, state, timeout);

    public static async Task UntilAsync(Func<string> what, Func<Task<bool>> state, TimeSpan? timeout = null)
    {
        var since = Stopwatch.GetTimestamp();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await state())
        {
            if (Stopwatch.GetElapsedTime(since) > (timeout ?? Long))
            {
                throw new TimeoutException($"Not within {(timeout ?? Long).TotalSeconds} s: {what()}.");
            }

            await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
