using Microsoft.Extensions.Logging;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>What the bus writes to the log. Event ids are stable: 1xxx the life of an event, 2xxx the life of a connection.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Debug, "Published {EventType} {EventId} of {CorrelationId}")]
    public static partial void Published(ILogger logger, string eventType, string? eventId, string? correlationId);

    [LoggerMessage(1002, LogLevel.Debug, "Handled {EventType} by {Handler}, attempt {Attempt}")]
    public static partial void Handled(ILogger logger, string eventType, string handler, int attempt);

    [LoggerMessage(1003, LogLevel.Warning, "{Handler} failed on {EventType}, attempt {Attempt}; it is tried again in {Delay}")]
    public static partial void Retrying(ILogger logger, string handler, string eventType, int attempt, TimeSpan delay, Exception exception);

    [LoggerMessage(
        1004, LogLevel.Error,
        "{Handler} failed on {EventType} for the last time, attempt {Attempt}; it is in {DeadLetterQueue}")]
    public static partial void DeadLettered(
        ILogger logger, string handler, string eventType, int attempt, string deadLetterQueue, Exception exception);

    [LoggerMessage(1005, LogLevel.Error, "A message of {Queue} cannot be read ({Reason}: {Detail}); it is in {DeadLetterQueue}")]
    public static partial void Unreadable(ILogger logger, string queue, string reason, string detail, string deadLetterQueue);

    [LoggerMessage(
        1006, LogLevel.Warning,
        "The bus does not take what {Handler} publishes on {EventType} ({Reason}); the event waits and is tried again in {Delay}")]
    public static partial void WaitingForBroker(
        ILogger logger, string handler, string eventType, string reason, TimeSpan delay, Exception exception);

    [LoggerMessage(1007, LogLevel.Error, "A message of {Queue} could not be moved to {Target}; it is kept and tried again in {Delay}")]
    public static partial void MoveDelayed(ILogger logger, string queue, string target, TimeSpan delay, Exception exception);

    [LoggerMessage(
        1008, LogLevel.Warning,
        "A message of {Queue} cannot be written to {Target} with its reason ({Detail}); "
        + "the broker moves it to the dead-letter queue as it is")]
    public static partial void Unmovable(ILogger logger, string queue, string detail, string target);

    [LoggerMessage(1009, LogLevel.Error, "{Observer} failed when told of the dead letter of {EventType}")]
    public static partial void DeadLetterObserverFailed(ILogger logger, string observer, string eventType, Exception exception);

    [LoggerMessage(
        1010, LogLevel.Warning,
        "{Handler} failed on {EventType}, attempt {Attempt}; it waits in {RetryQueue} and is tried again")]
    public static partial void RetryQueued(
        ILogger logger, string handler, string eventType, int attempt, string retryQueue, Exception exception);

    [LoggerMessage(
        1011, LogLevel.Error,
        "{Failed} of the last {Sample} events of {Service} failed: "
        + "it slows down until some succeed, instead of moving its whole queue to the dead letters")]
    public static partial void ThrottleOn(ILogger logger, int failed, int sample, string service, Exception lastFailure);

    [LoggerMessage(1012, LogLevel.Information, "{Service} handles events again at full speed")]
    public static partial void ThrottleOff(ILogger logger, string service);

    [LoggerMessage(1013, LogLevel.Debug, "The size of {Queue} could not be asked for")]
    public static partial void QueueSizeUnknown(ILogger logger, string queue, Exception exception);

    [LoggerMessage(
        1029, LogLevel.Error,
        "The broker gave up delivering to {Service} ({Reason}): {WireType} {EventId} is in {DeadLetterQueue}")]
    public static partial void Undelivered(
        ILogger logger, string service, string reason, string? wireType, string? eventId, string deadLetterQueue);

    [LoggerMessage(1030, LogLevel.Debug, "{Messages} events {EventType} that came in one message were sent to {Service} singly")]
    public static partial void Split(ILogger logger, string? eventType, int messages, string service);

    [LoggerMessage(
        1027, LogLevel.Warning,
        "A queue of {Service} is missing ({Problem}) and is declared again. What was in it is gone with it")]
    public static partial void QueueMissing(ILogger logger, string service, string problem);

    [LoggerMessage(
        1028, LogLevel.Warning,
        "The broker's management API does not answer {Service} (Messaging:ManagementUrl); "
        + "until it does, dead letters that somebody looks at are not counted")]
    public static partial void ManagementAway(ILogger logger, string service, Exception exception);

    [LoggerMessage(
        1014, LogLevel.Warning,
        "The notice '{Kind}' of {Service} cannot be written; the event is where it should be, and who listens does not hear of it")]
    public static partial void NoticeUnwritable(ILogger logger, string kind, string service, Exception exception);

    [LoggerMessage(
        1015, LogLevel.Warning,
        "The broker did not take the notice '{Kind}' before {Service} had to stop; "
        + "the event is where it should be, and who listens does not hear of it")]
    public static partial void NoticeGivenUp(ILogger logger, string kind, string service, Exception exception);

    [LoggerMessage(2001, LogLevel.Information, "{Connection} is connected to {Address}")]
    public static partial void Connected(ILogger logger, string connection, string address);

    [LoggerMessage(2002, LogLevel.Warning, "{Connection} is not connected to {Address} ({Problem}); it is tried again until it is")]
    public static partial void Disconnected(ILogger logger, string connection, string address, string problem, Exception? exception);

    [LoggerMessage(2003, LogLevel.Information, "{Service} consumes its queue, at most {Prefetch} unacknowledged, {Concurrency} at a time")]
    public static partial void Consuming(ILogger logger, string service, int prefetch, int concurrency);

    [LoggerMessage(
        2004, LogLevel.Warning,
        "{Count} events were still being handled when {Service} had to stop; the broker delivers them again")]
    public static partial void StoppedWhileHandling(ILogger logger, int count, string service);

    [LoggerMessage(2006, LogLevel.Information, "{Service} takes no more events; {Count} are being finished")]
    public static partial void Draining(ILogger logger, string service, int count);

    [LoggerMessage(
        2005, LogLevel.Error,
        "A delivery of {Queue} failed outside its handler; its connection is renewed and the broker delivers it again")]
    public static partial void PipelineFailed(ILogger logger, string queue, Exception exception);

    [LoggerMessage(
        2007, LogLevel.Error,
        "{Connection} was delivered a message that the AMQP client cannot parse ({Problem}), and connects again. "
        + "After some deliveries the broker moves the message to {DeadLetterQueue}")]
    public static partial void Unparsable(ILogger logger, string connection, string deadLetterQueue, string problem);

    [LoggerMessage(
        2008, LogLevel.Warning,
        "{Connection} is blocked by the broker ({Reason}): nothing can be published until it has memory and disk again")]
    public static partial void Blocked(ILogger logger, string? connection, string reason);

    [LoggerMessage(2009, LogLevel.Information, "{Connection} may publish again")]
    public static partial void Unblocked(ILogger logger, string? connection);

    [LoggerMessage(
        2014, LogLevel.Warning,
        "The broker has refused every {WireType} for a while; a new connection is tried, in case it is not a full queue any more")]
    public static partial void RefusedForLong(ILogger logger, string wireType);

    [LoggerMessage(
        2015, LogLevel.Warning,
        "{WireType} {EventId} was published, but the copy for listeners was not: the Monitor does not know of it")]
    public static partial void CopyNotSent(ILogger logger, string wireType, string? eventId, Exception exception);

    [LoggerMessage(
        3014, LogLevel.Warning,
        "The database does not let {Handler} handle {EventType} now; "
        + "the event, and with it the queue, waits and is tried again in {Delay} and until it is handled")]
    public static partial void EventsWaitForDatabase(ILogger logger, string handler, string eventType, TimeSpan delay, Exception exception);

    [LoggerMessage(2016, LogLevel.Debug, "{Service} could not tell its listeners that it is there")]
    public static partial void HeartbeatNotSent(ILogger logger, string service, Exception exception);
}
