using System.CommandLine;
using OrderFlow.AppHost.Objectives;
using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Slo;

/// <summary>The command <c>slo</c>.</summary>
internal static class SloCommand
{
    private static readonly Option<string> From = new("--from")
    {
        Description = "Directory of the objectives, files in OpenSLO's form.",
        DefaultValueFactory = _ => Path.Combine("monitoring", "slo"),
        HelpName = "directory",
    };

    private static readonly Option<string> To = new("--to")
    {
        Description = "File that is written.",
        DefaultValueFactory = _ => Path.Combine("monitoring", "rules", "slo.yml"),
        HelpName = "file",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "Writes nothing, and fails when the file is not what would be written.",
    };

    public static Command Create()
    {
        var command = new ToolCommand("slo", "Writes Prometheus' recording and alert rules for the service level objectives.")
        {
            From, To, Check,
        };
        command.Details = "Ratios over seven windows, what is left of each error budget, and multi-window, multi-burn-rate alerts.";
        command.AddExitCode(ExitCodes.Success, "Written, or up to date.");
        command.AddExitCode(ExitCodes.Failed, "Wrong usage, an objective is wrong, or with --check the file is not up to date.");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (from, to) = (parsed.GetRequiredValue(From), parsed.GetRequiredValue(To));
        var error = parsed.InvocationConfiguration.Error;
        try
        {
            var objectives = ObjectiveFile.ReadAll(from);
            var rules = ObjectiveRules.Write(objectives);
            if (!parsed.GetValue(Check))
            {
                File.WriteAllText(to, rules);
                parsed.InvocationConfiguration.Output.WriteLine($"{to}: the rules of {objectives.Count} objectives");
            }
            else if (!File.Exists(to) || File.ReadAllText(to) != rules)
            {
                error.WriteLine($"error: {to} is not what {from} says. Run orderflow slo.");
                return ExitCodes.Failed;
            }

            return ExitCodes.Success;
        }
        catch (Exception exception) when (exception is ObjectiveException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"error: {exception.Message}");
            return ExitCodes.Failed;
        }
    }
}
