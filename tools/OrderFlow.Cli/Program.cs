using System.CommandLine;
using OrderFlow.Cli.Chaos;
using OrderFlow.Cli.DeadLetters;
using OrderFlow.Cli.Load;

// Each command handles Ctrl-C itself: load still waits for what was accepted, chaos still compares, dead-letters ends after the message at hand.
var command = new RootCommand("Tools for a running OrderFlow, and for one that is started to be broken.")
{
    LoadCommand.Create(), ChaosCommand.Create(), DeadLettersCommand.Create(),
};
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
