namespace OrderFlow.LoadTest;

/// <summary>The run cannot begin; the message says why and what to do.</summary>
internal sealed class LoadTestException(string message, Exception? innerException = null) : Exception(message, innerException);
