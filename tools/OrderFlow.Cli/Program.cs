using System.CommandLine;
using OrderFlow.Cli.Chaos;
using OrderFlow.Cli.DeadLetters;
using OrderFlow.Cli.Load;

var deadLetters = DeadLettersCommand.Create();
var command = new RootCommand("Tools for a running OrderFlow, and for one that is started to be broken.") { LoadCommand.Create(), ChaosCommand.Create(), deadLetters };
var parsed = command.Parse(args);

// Load and chaos handle Ctrl-C themselves: they stop offering orders, but still wait for what was accepted and compare. Dead letters end after the message at hand.
var isDeadLetters = parsed.CommandResult.Command.Parents.Contains(deadLetters);
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = isDeadLetters ? TimeSpan.FromSeconds(30) : null });
