using System.CommandLine;
using OrderFlow.Cli.Chaos;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.DeadLetters;
using OrderFlow.Cli.Load;
using OrderFlow.Cli.Slo;

var deadLetters = DeadLettersCommand.Create();
var command = new RootCommand(
    "The tools of OrderFlow: load and dead letters of a running system, chaos in one of its own, rules for objectives.")
{
    LoadCommand.Create(), ChaosCommand.Create(), deadLetters, SloCommand.Create(),
};
ToolHelp.AddTo(command);
var parsed = command.Parse(args);

// load and chaos handle Ctrl-C themselves: they stop offering orders, but still wait for what was accepted and compare.
// dead-letters ends after the message at hand.
var isDeadLetters = parsed.CommandResult.Command.Parents.Contains(deadLetters);
return await parsed.InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = isDeadLetters ? TimeSpan.FromSeconds(30) : null });
