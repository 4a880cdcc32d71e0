using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>An outage of the database is no fault of the event that a handler was called for.</summary>
internal sealed class DatabaseOutage : IOutageDetector
{
    public bool IsOutage(Exception exception) => DatabaseFault.IsTransient(exception);
}
