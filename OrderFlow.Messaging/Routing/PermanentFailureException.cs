namespace OrderFlow.Messaging.Routing;

/// <summary>Thrown by a handler when no retry can help: the event goes to the dead-letter queue at once.</summary>
public class PermanentFailureException(string message, Exception? innerException = null) : Exception(message, innerException);
