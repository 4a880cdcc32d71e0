using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>Ends, by their ids, the processes of a comparison that outlived what started them.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task EndAsync()
    {
        var mark = Environment.GetEnvironmentVariable(MarkedProcesses.Mark)!;
        // What has been told to end may still be at it.
        for (var waited = TimeSpan.Zero; MarkedProcesses.Ids(mark).Count > 0 && waited < Patience; waited += Pause)
        {
            await Task.Delay(Pause);
        }

        foreach (var process in MarkedProcesses.Ids(mark))
        {
            Progress.Say($"process {process} did not end by itself, and is killed");
            Signals.Send(process, Signals.Kill);
        }
    }
}
