using System.CommandLine;
using OrderFlow.LoadTest;

// Ctrl-C is handled by the run itself: it stops sending, but still waits for what was accepted.
return await LoadCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
