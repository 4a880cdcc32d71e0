using OrderFlow.DeadLetters;

// Ctrl-C ends the command after the message at hand; it says how far it came.
return await DeadLettersCommand.Create().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
