using Npgsql;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>Distinguishes failures of the database from those of the handler.</summary>
internal static class DatabaseFault
{
    private const string IdleInTransactionSessionTimeout = "25P03";

    /// <summary>
    /// Whether trying again later may succeed without anyone changing anything: lost connections, restarts, deadlocks, time-outs.
    /// </summary>
    public static bool IsTransient(Exception exception) =>
        !Chain(exception).Any(cause => cause is StatementTimedOutException) && Chain(exception).Any(cause => cause switch
    {
        PostgresException postgres => postgres.IsTransient || IsTransient(postgres.SqlState),
        NpgsqlException npgsql => npgsql.IsTransient,
        DatabaseUnreachableException or CommitUnknownException or BatchNotHandledException => true,
        _ => false,
    });

    /// <summary>Whether the connection did not survive it.</summary>
    public static bool IsConnectionLoss(Exception exception) => Chain(exception).Any(cause => cause switch
    {
        PostgresException postgres => postgres.Severity is "FATAL" or "PANIC",
        // After a command's time-out the connection lives, if the server does.
        NpgsqlException npgsql => npgsql.IsTransient && npgsql.InnerException is not TimeoutException,
        CommitUnknownException => true,
        _ => false,
    });

    /// <summary>
    /// Whether statements that a commit was sent with may be committed: the server said nothing, or its last word. After a time-out it has
    /// taken them back.
    /// </summary>
    public static bool LeavesCommitUnknown(NpgsqlException exception) =>
        exception is PostgresException ? IsConnectionLoss(exception) : !IsTimeout(exception);

    /// <summary>
    /// Whether a constraint of the database refused it: perhaps because of something that was taken for granted, and which somebody else
    /// has changed.
    /// </summary>
    public static bool IsConflict(Exception exception) =>
        exception is PostgresException postgres && postgres.SqlState.StartsWith("23", StringComparison.Ordinal);

    /// <summary>Whether a statement took longer than it may: a time-out of the command, of the server's, or for a lock.</summary>
    public static bool IsTimeout(Exception exception) =>
        !Chain(exception).Any(cause => cause is DatabaseUnreachableException or CommitUnknownException)
        && Chain(exception).Any(cause => cause
            is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable }
            or NpgsqlException { InnerException: TimeoutException });

    private static bool IsTransient(string sqlState) => sqlState
        is PostgresErrorCodes.AdminShutdown
        or PostgresErrorCodes.CrashShutdown
        or IdleInTransactionSessionTimeout
        // A statement time-out, or a stop of the statement by an operator.
        or PostgresErrorCodes.QueryCanceled
        // A server that has become, or still is, a standby.
        or PostgresErrorCodes.ReadOnlySqlTransaction;

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }
}
