namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>No connection to the database could be had; nothing was tried.</summary>
internal sealed class DatabaseUnreachableException(Exception innerException)
    : Exception(
        $"No connection to the database could be had: {innerException.Message}. Is it running? What waits for it is tried again.",
        innerException);

/// <summary>
/// The deliveries could not be handled at all, for a reason that is none of theirs: a schema that is not there, for example.
/// </summary>
internal sealed class BatchNotHandledException(Exception innerException)
    : Exception($"The events could not be handled in a transaction: {innerException.Message}", innerException);

/// <summary>
/// The connection was lost while the transaction was being committed: it may have happened or not. The inbox knows when the event comes
/// again.
/// </summary>
internal sealed class CommitUnknownException(Exception innerException)
    : Exception(
        $"The connection to the database was lost during the commit, so whether it happened is unknown: {innerException.Message}",
        innerException);

/// <summary>The event's own statement took too long, while the database answers others: an attempt of the event has failed.</summary>
internal sealed class StatementTimedOutException(Exception innerException)
    : Exception(
        "The database did not finish in time what the event asks for, while it answers others: "
        + $"{innerException.Message}. Does another session hold a lock on the same rows?",
        innerException);
