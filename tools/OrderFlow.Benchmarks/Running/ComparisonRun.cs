using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Tables;

namespace OrderFlow.Benchmarks.Running;

/// <summary>Measures systems in turn, round by round, and prints the table.</summary>
/// <param name="names">The systems, in the order in which they take turns.</param>
/// <param name="rounds">How often.</param>
/// <param name="phases">What is done with each.</param>
internal sealed class ComparisonRun(IReadOnlyList<string> names, int rounds, Phases phases)
{
    private readonly Measurements _measurements = new(names);
    private readonly List<string> _failures = [];

    /// <summary>How long it takes, roughly, to start a system and to stop it.</summary>
    public required Func<string, TimeSpan> StartAndStop { get; init; }

    public required Func<string, CancellationToken, Task<IMeasuredSystem>> StartAsync { get; init; }

    /// <summary>Which system is divided by which.</summary>
    public required IReadOnlyList<(string Of, string To)> Pairs { get; init; }

    /// <summary>
    /// Prints what there is also when it is stopped. A system that fails lacks its values of the round, and the others go on.
    /// </summary>
    /// <exception cref="ComparisonException">Something failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var estimate = rounds * names.Aggregate(TimeSpan.Zero, (sum, name) => sum + StartAndStop(name) + phases.Estimate);
        Progress.Say($"rounds: {rounds}, of {string.Join(", ", names)}; about {Math.Ceiling(estimate.TotalMinutes)} minutes in all");
        if (phases.IsQuick)
        {
            Progress.Say("quick: too short for numbers");
        }

        try
        {
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var name in names)
                {
                    Progress.Say($"round {round} of {rounds}, {name}");
                    await MeasureAsync(name, round, cancellationToken);
                }
            }
        }
        finally
        {
            Print();
        }

        if (_failures.Count > 0)
        {
            throw new ComparisonException($"Values are missing: {string.Join("; ", _failures)} failed, as said above.");
        }
    }

    private async Task MeasureAsync(string name, int round, CancellationToken cancellationToken)
    {
        try
        {
            await using var system = await StartAsync(name, cancellationToken);
            await new SystemMeasurement(system, phases, new(_measurements, name, round)).RunAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Progress.Say($"  failed: {(exception is ComparisonException ? exception.Message : exception.ToString())}");
            _failures.Add($"{name} in round {round}");
        }
    }

    private void Print()
    {
        if (_measurements.Rows.Count == 0)
        {
            return;
        }

        Console.WriteLine($"\nMedian [lowest-highest] over the rounds ({rounds}); {phases.InFlight} orders in flight at the maximum\n");
        Console.WriteLine(MarkdownTable.Values(_measurements));
        if (Pairs.Count > 0)
        {
            Console.WriteLine("Ratios within the rounds\n");
            Console.WriteLine(MarkdownTable.Ratios(_measurements, Pairs));
        }
    }
}
