namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>A comparison cannot begin or cannot go on; the message says why and what to do.</summary>
internal sealed class ComparisonException(string message, Exception? innerException = null) : Exception(message, innerException);
