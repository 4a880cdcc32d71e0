namespace OrderFlow.Cli.Connections;

/// <summary>A queue or an exchange that messages are brought to.</summary>
internal readonly record struct Destination(string Name, bool IsQueue);
