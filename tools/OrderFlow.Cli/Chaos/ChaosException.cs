namespace OrderFlow.Cli.Chaos;

/// <summary>The run cannot begin or cannot compare; the message says why and what to do.</summary>
internal sealed class ChaosException(string message, Exception? innerException = null) : Exception(message, innerException);
