using Microsoft.Extensions.Logging;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>3xxx: the database's part in the life of an event.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Migration {Migration} of {Scope} is applied")]
    public static partial void MigrationApplied(ILogger logger, string migration, string scope);

    [LoggerMessage(3002, LogLevel.Warning, "The database for {Scope} is not there yet ({Problem}); it is tried again until it is")]
    public static partial void WaitingForDatabase(ILogger logger, string scope, string problem);

    [LoggerMessage(3003, LogLevel.Debug, "{EventType} {EventId} was handled before; this delivery has no effect")]
    public static partial void Duplicate(ILogger logger, string eventType, Guid eventId);

    [LoggerMessage(3004, LogLevel.Warning, "A batch of {Count} events failed and was rolled back; they are handled one by one")]
    public static partial void BatchFellBack(ILogger logger, int count, Exception exception);

    [LoggerMessage(
        3005, LogLevel.Warning,
        "{Count} events of the outbox were refused, {EventType} {EventId} first; each is tried again after a growing delay")]
    public static partial void OutboxEventsRefused(ILogger logger, int count, string eventType, Guid eventId, Exception exception);

    [LoggerMessage(3006, LogLevel.Warning, "The broker does not take events of the outbox ({Problem}); they wait until it does")]
    public static partial void OutboxWaits(ILogger logger, string problem);

    [LoggerMessage(3007, LogLevel.Information, "The broker takes events of the outbox again")]
    public static partial void OutboxResumed(ILogger logger);

    [LoggerMessage(3008, LogLevel.Information, "Published {Count} events that were left in the outbox")]
    public static partial void OutboxSwept(ILogger logger, int count);

    [LoggerMessage(3009, LogLevel.Warning, "{Count} committed events could not be published at once; the sweep publishes them")]
    public static partial void DispatchFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(3010, LogLevel.Warning, "The outbox could not be swept; it is tried again until it can")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3011, LogLevel.Warning, "The inbox could not be cleaned up; it is tried again in {Delay}")]
    public static partial void CleanupFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(3012, LogLevel.Information, "Deleted {Count} inbox rows older than {Retention}")]
    public static partial void InboxCleaned(ILogger logger, long count, TimeSpan retention);

    [LoggerMessage(3020, LogLevel.Information, "This replica tells the service's durable counters")]
    public static partial void TellsCounters(ILogger logger);

    [LoggerMessage(
        3021, LogLevel.Warning,
        "The durable counters could not be read; their last numbers stand and it is tried again until they can")]
    public static partial void CountersNotRead(ILogger logger, Exception exception);

    [LoggerMessage(
        3022, LogLevel.Warning,
        "Order {OrderId} was given up after {Micros} µs: negative, or more than a year. "
        + "The clocks of two machines differ. Its latency is not observed")]
    public static partial void ImplausibleFailure(ILogger logger, string? orderId, long micros);

    [LoggerMessage(
        3023, LogLevel.Warning,
        "The database does not take that the flow of event {EventId} is given up; it is tried again in {Delay} and until it does")]
    public static partial void FailureNotRecorded(ILogger logger, Guid eventId, TimeSpan delay, Exception exception);

    [LoggerMessage(3015, LogLevel.Warning, "Scheduled events could not be looked for; it is tried again until they can")]
    public static partial void ScheduleFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        3013, LogLevel.Warning,
        "The outbox row {EventId} cannot be read ({Problem}); correct it in the database, it is tried again")]
    public static partial void OutboxRowUnreadable(ILogger logger, Guid eventId, string problem);

    [LoggerMessage(
        3014, LogLevel.Error,
        "The row {BatchId} of outbox_batches cannot be read ({Problem}): its events wait there, and it is tried again")]
    public static partial void OutboxBatchUnreadable(ILogger logger, Guid batchId, string problem);
}
