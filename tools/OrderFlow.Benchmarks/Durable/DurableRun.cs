using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Tables;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>Measures all implementations in turn, round by round, and prints the table.</summary>
internal static class DurableRun
{
    public static async Task RunAsync(DurableOptions options, CancellationToken cancellationToken)
    {
        Prerequisites.Check(postgres: true, prometheus: options.Implementations.Any(Implementations.IsOrderFlow));
        Progress.Say($"rounds: {options.Rounds}, of {string.Join(", ", options.Implementations)}; about {options.Estimate.TotalMinutes:0} minutes in all");
        if (options.IsQuick)
        {
            Progress.Say("quick: too short for numbers");
        }

        var measurements = new Measurements(options.Implementations);
        try
        {
            for (var round = 1; round <= options.Rounds; round++)
            {
                foreach (var name in options.Implementations)
                {
                    Progress.Say($"round {round} of {options.Rounds}, {name}: starting");
                    await using var system = await Implementations.StartAsync(name, cancellationToken);
                    await using var measurement = new DurableMeasurement(system, options, new(measurements, name, round));
                    await measurement.RunAsync(cancellationToken);
                }
            }
        }
        finally
        {
            Print(measurements, options);
        }
    }

    private static void Print(Measurements measurements, DurableOptions options)
    {
        if (measurements.Rows.Count == 0)
        {
            return;
        }

        Console.WriteLine($"\nMedians [lowest-highest] over the rounds ({options.Rounds}); {DurableOptions.InFlight} orders in flight at the maximum\n");
        Console.WriteLine(MarkdownTable.Values(measurements));
        if (Pairs(measurements.Subjects) is { Count: > 0 } pairs)
        {
            Console.WriteLine("Ratios within the rounds\n");
            Console.WriteLine(MarkdownTable.Ratios(measurements, pairs));
        }
    }

    /// <summary>Each to the first, which is the limit.</summary>
    private static IReadOnlyList<(string Of, string To)> Pairs(IReadOnlyList<string> subjects) =>
        [.. subjects.Skip(1).Select(subject => (subject, subjects[0]))];
}
