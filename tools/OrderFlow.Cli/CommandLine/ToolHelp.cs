using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OrderFlow.Cli.CommandLine;

/// <summary>The help of a command, followed by its details and exit codes.</summary>
internal sealed class ToolHelp(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    /// <summary>Adds details and exit codes to the help of all commands below the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ToolHelp((SynchronousCommandLineAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ToolCommand command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            if (command.Details.Length > 0)
            {
                output.WriteLine($"{command.Details}\n");
            }

            output.WriteLine("Exit codes:");
            foreach (var (code, meaning) in command.ExitCodes)
            {
                output.WriteLine($"  {code,-3}  {meaning}");
            }
        }

        return exitCode;
    }
}
