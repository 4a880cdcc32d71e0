namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Dead letters cannot be looked at or sent back; the message says why and what to do. Nothing is lost by it.</summary>
public sealed class ReplayException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether it was a message that the client cannot parse.</summary>
    internal bool IsUnparsable { get; init; }
}
