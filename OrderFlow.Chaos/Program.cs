using System.CommandLine;
using OrderFlow.Chaos;

// Ctrl-C is handled by the run itself: it ends load and faults, and still compares.
return await ChaosCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
