using System.CommandLine;
using System.Globalization;
using OrderFlow.Benchmarks.Durable;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The command <c>durable</c>.</summary>
internal static class DurableCommand
{
    public const string Name = "durable";

    private static readonly Option<int> Rounds = new("--rounds") { Description = "How often all take turns.", DefaultValueFactory = _ => 3 };

    private static readonly Option<string> Only =
        ListOption.Names("--only", Implementations.All, "Which ones take part, and in which order.");

    private static readonly Option<string> Rates =
        ListOption.Numbers("--rates", "20,100,500,1000", "Orders per second that are offered after the maximum.");

    private static readonly Option<bool> Maximum = new("--max") { Description = "The maximum alone, without the rates." };

    private static readonly Option<bool> Quick = new("--quick")
    {
        Description = "Short phases and, unless --rounds says otherwise, one round: to see that all works, not for numbers.",
    };

    public static Command Create()
    {
        Rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 20)
            {
                result.AddError("--rounds must be from 1 to 20.");
            }
        });
        var command = new Command(
            Name,
            "Compares ways to bring an order durably from its request to its notification, on RabbitMQ and PostgreSQL: a pipeline written "
            + "by hand for speed (bare) and OrderFlow.")
        {
            Rounds, Only, Rates, Maximum, Quick,
        };
        command.SetAction((parsed, cancellationToken) => Comparisons.RunAsync(() => DurableRun.RunAsync(Read(parsed), cancellationToken)));
        return command;
    }

    private static DurableOptions Read(ParseResult parsed)
    {
        var isQuick = parsed.GetValue(Quick);
        var rounds = isQuick && parsed.GetResult(Rounds) is null or { Implicit: true } ? 1 : parsed.GetValue(Rounds);
        return new(
            rounds,
            ListOption.Split(parsed.GetValue(Only)),
            parsed.GetValue(Maximum)
                ? []
                : [.. ListOption.Split(parsed.GetValue(Rates)).Select(rate => int.Parse(rate, CultureInfo.InvariantCulture))],
            isQuick);
    }
}
