using System.CommandLine;
using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The comparisons of whole systems, beside the benchmarks of parts.</summary>
internal static class Comparisons
{
    /// <summary>Longer than everything takes that Ctrl-C has to stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "Compares OrderFlow with others under load. Without one of these commands the arguments go to BenchmarkDotNet: "
            + "--filter '*TraceBenchmarks*', --list flat.")
        {
            DurableCommand.Create(), DurableCrashCommand.Create(), VolatileCommand.Create(),
        };
        Environment.SetEnvironmentVariable(MarkedProcesses.Mark, Guid.NewGuid().ToString("N"));
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopTimeout });
    }

    /// <summary>Runs a comparison; what it cannot do is said in a line, and nothing that it started is left behind.</summary>
    public static async Task<int> RunAsync(Func<Task> compare, CancellationToken cancellationToken)
    {
        try
        {
            await CompareAsync(compare);
            return 0;
        }
        catch (ComparisonException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return 1;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever the stop interrupted says so in its own way.
            await Console.Error.WriteLineAsync("Stopped; everything that was started has ended.");
            return 130;
        }
    }

    private static async Task CompareAsync(Func<Task> compare)
    {
        try
        {
            await compare();
        }
        finally
        {
            await Leftovers.EndAsync();
        }
    }
}
