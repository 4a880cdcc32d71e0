using System.Runtime.CompilerServices;

namespace OrderFlow.Tests.Support;

/// <summary>Waits on a state, never on the clock.</summary>
internal static class Wait
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public static Task UntilAsync(Func<bool> state, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(state))] string what = "") =>
        UntilAsync(what, () => Task.FromResult(state()), timeout);

    public static Task UntilAsync(
        Func<Task<bool>> state, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(state))] string what = "") =>
        UntilAsync(() => what, state, timeout);

    public static Task UntilAsync(string what, Func<bool> state, TimeSpan? timeout = null) =>
        UntilAsync(what, () => Task.FromResult(state()), timeout);

    public static Task UntilAsync(string what, Func<Task<bool>> state, TimeSpan? timeout = null) => UntilAsync(() => what, state, timeout);

    public static Task UntilAsync(Func<string> seen, Func<bool> state, TimeSpan? timeout = null) =>
        UntilAsync(seen, () => Task.FromResult(state()), timeout);

    public static Task UntilAsync(Func<string> seen, Func<Task<bool>> state, TimeSpan? timeout = null) =>
        Polling.UntilAsync(seen, state, timeout ?? Long, TestContext.Current.CancellationToken);
}
