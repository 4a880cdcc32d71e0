namespace OrderFlow.Messaging.Topology;

/// <summary>The broker has something else under a name that this service declares.</summary>
public sealed class TopologyException(string message, Exception innerException) : Exception(message, innerException);
