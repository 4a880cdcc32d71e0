using System.CommandLine;
using OrderFlow.Benchmarks.Running;
using OrderFlow.Benchmarks.Volatile;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The command <c>volatile</c>.</summary>
internal static class VolatileCommand
{
    public const string Name = "volatile";

    private static readonly ComparisonOptions Options = new(VolatileSystems.All, "100,1000");

    public static Command Create()
    {
        var command = new Command(
            Name,
            "Compares OrderFlow.Messaging with MassTransit without a database: an HTTP request, 202 when the broker has confirmed its "
            + "event, and two hops to its end; quorum queues and confirms on both sides.");
        foreach (var option in Options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
            Comparisons.RunAsync(() => RunAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var names = Options.Names(parsed);
        Prerequisites.Check(postgres: false, prometheus: false);
        return new ComparisonRun(names, Options.Rounds(parsed), Options.Phases(parsed))
        {
            StartAndStop = _ => VolatileSystems.StartAndStop,
            StartAsync = VolatileSystems.StartAsync,
            Pairs = VolatileSystems.Pairs(names),
        }.RunAsync(cancellationToken);
    }
}
