using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OrderFlow.Tests.Services;

/// <summary>Waits for a state that another thread brings about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task True(Func<bool> state, [CallerArgumentExpression(nameof(state))] string? what = null)
    {
        var waiting = Stopwatch.StartNew();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!state())
        {
            waiting.Elapsed.ShouldBeLessThan(Patience, $"still not: {what}");
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
