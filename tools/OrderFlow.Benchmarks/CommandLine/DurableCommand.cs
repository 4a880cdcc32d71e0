using System.CommandLine;
using OrderFlow.Benchmarks.Durable;
using OrderFlow.Benchmarks.Running;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The command <c>durable</c>.</summary>
internal static class DurableCommand
{
    public const string Name = "durable";

    private static readonly ComparisonOptions Options = new(DurableSystems.All, "20,100,500,1000");

    public static Command Create()
    {
        var command = new Command(
            Name,
            "Compares ways to bring an order durably from its request to its notification, on RabbitMQ and PostgreSQL: a pipeline "
            + "written by hand for speed (bare), OrderFlow without metrics, traces and Monitor (orderflow-plain), with metrics "
            + "(orderflow-metrics) and as it starts (orderflow), and WolverineFx (wolverine).");
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
        Prerequisites.Check(postgres: true, prometheus: names.Any(DurableSystems.IsOrderFlow));
        return new ComparisonRun(names, Options.Rounds(parsed), Options.Phases(parsed))
        {
            StartAndStop = DurableSystems.StartAndStop,
            StartAsync = DurableSystems.StartAsync,
            Pairs = DurableSystems.Pairs(names),
        }.RunAsync(cancellationToken);
    }
}
