using System.CommandLine;
using OrderFlow.Benchmarks.Durable;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>The command <c>durable-crash</c>.</summary>
internal static class DurableCrashCommand
{
    public const string Name = "durable-crash";

    private static readonly Argument<string> Implementation = new("implementation")
    {
        Description = "What is killed: bare or wolverine.",
        DefaultValueFactory = _ => DurableSystems.Bare,
    };

    private static readonly Argument<int> Kills = new("kills")
    {
        Description = "How many processes are killed.",
        DefaultValueFactory = _ => 9,
    };

    public static Command Create()
    {
        Implementation.AcceptOnlyFromAmong([.. DurableSystems.OfServices]);
        Kills.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100)
            {
                result.AddError("kills must be from 1 to 100.");
            }
        });
        var command = new Command(Name, "Kills services under load, one after the other, and counts what every order has left behind.")
        {
            Implementation, Kills,
        };
        command.SetAction((parsed, cancellationToken) => Comparisons.RunAsync(
            () => CrashRun.RunAsync(parsed.GetRequiredValue(Implementation), parsed.GetRequiredValue(Kills), cancellationToken),
            cancellationToken));
        return command;
    }
}
