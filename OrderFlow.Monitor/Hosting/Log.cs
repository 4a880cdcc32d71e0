using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.Hosting;

/// <summary>Every log message of the Monitor.</summary>
internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Debug, "{Stored} events stored, {Known} were known")]
    public static partial void Stored(ILogger logger, int stored, int known);

    [LoggerMessage(8002, LogLevel.Warning, "A message of {Exchange} with key {RoutingKey} went to the quarantine: {Problem}")]
    public static partial void Quarantined(ILogger logger, string exchange, string routingKey, string problem);

    [LoggerMessage(8003, LogLevel.Information, "Partition {Partition} is made")]
    public static partial void PartitionMade(ILogger logger, string partition);

    [LoggerMessage(8004, LogLevel.Information, "Partition {Partition} is older than {Retention} and is dropped")]
    public static partial void PartitionDropped(ILogger logger, string partition, TimeSpan retention);

    [LoggerMessage(8005, LogLevel.Warning, "Old events could not be dropped, or partitions not made ahead; it is tried again in {Delay}")]
    public static partial void RetentionFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(8006, LogLevel.Warning, "The open flows could not be watched; it is tried again in {Delay}")]
    public static partial void WatchFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(8007, LogLevel.Warning, "{Count} flows of {Flow} took longer than {Deadline}")]
    public static partial void DeadlineMissed(ILogger logger, long count, string flow, TimeSpan deadline);

    [LoggerMessage(8008, LogLevel.Warning, "The database did not answer a query")]
    public static partial void DatabaseUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(8009, LogLevel.Debug, "The life-cycle event {RoutingKey} is skipped: {Problem}")]
    public static partial void LifecycleEventSkipped(ILogger logger, string routingKey, string? problem);

    [LoggerMessage(
        8010,
        LogLevel.Warning,
        "What was published could not be reconciled with what was handled; it is tried again in {Delay}")]
    public static partial void NotReconciled(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(8011, LogLevel.Warning, "The store is upgraded: {Note}")]
    public static partial void Upgraded(ILogger logger, string note);

    [LoggerMessage(8020, LogLevel.Information, "Log in at {Address}")]
    public static partial void LogIn(ILogger logger, string address);

    [LoggerMessage(8021, LogLevel.Information, "{Count} dead letters of {Service} were sent back on an operator's decision, run {Run}")]
    public static partial void Replayed(ILogger logger, int count, string service, Guid run);

    [LoggerMessage(
        8022,
        LogLevel.Information,
        "{Count} dead letters of {Service} were discarded by {By}, because: {Reason}. They are in {File}, run {Run}")]
    public static partial void Discarded(ILogger logger, int count, string service, string by, string reason, string file, Guid run);

    [LoggerMessage(
        8023,
        LogLevel.Information,
        "A staged replay of {Service} {State} after {Sent} of {Total} dead letters, run {Run}: {Why}")]
    public static partial void StagedReplayEnded(
        ILogger logger,
        string service,
        StagedReplayState state,
        int sent,
        int total,
        Guid run,
        string? why);

    [LoggerMessage(
        8024,
        LogLevel.Error,
        "A staged replay of {Service} ended with an error, run {Run}; what was not sent is still a dead letter")]
    public static partial void StagedReplayFailed(ILogger logger, string service, Guid run, Exception exception);

    [LoggerMessage(8025, LogLevel.Warning, "The heartbeat of decision {Run} could not be written; it is tried again at once")]
    public static partial void HeartbeatFailed(ILogger logger, Guid run, Exception exception);

    [LoggerMessage(8026, LogLevel.Warning, "Abandoned decisions could not be ended; it is tried again in {Delay}")]
    public static partial void AbandonedNotEnded(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(8032, LogLevel.Error, "The dead letters of {Service} could not be read")]
    public static partial void DeadLettersNotRead(ILogger logger, string service, Exception exception);

    [LoggerMessage(
        8030,
        LogLevel.Warning,
        "Spans and log lines could not be stored; it is tried again in {Delay}, and until then the buffer fills")]
    public static partial void TelemetryNotStored(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(8031, LogLevel.Warning, "{Count} spans or log lines are dropped: the database refuses them: {Problem}")]
    public static partial void TelemetryRefused(ILogger logger, int count, string problem);

    [LoggerMessage(8040, LogLevel.Warning, "What is to be told to {Chat} could not be read or noted")]
    public static partial void MessagesNotRead(ILogger logger, string chat, Exception exception);

    [LoggerMessage(8041, LogLevel.Error, "{Chat} was not told '{Title}' in {Attempts} attempts: {Problem}")]
    public static partial void MessageGivenUp(ILogger logger, string chat, string title, int attempts, string problem);

    [LoggerMessage(8042, LogLevel.Warning, "Alerts could not be looked at; they are again in {Period}")]
    public static partial void AlertsNotWatched(ILogger logger, TimeSpan period, Exception exception);

    [LoggerMessage(8043, LogLevel.Warning, "{Alert} fires since {Since}, and nobody has acknowledged it for {After}: it is told again")]
    public static partial void Escalated(ILogger logger, string alert, DateTimeOffset since, TimeSpan after);

    [LoggerMessage(8050, LogLevel.Warning, "What the detector {Detector} asks is not answered by Prometheus; it asks again")]
    public static partial void DetectorFailed(ILogger logger, string detector, Exception exception);

    [LoggerMessage(
        8051, LogLevel.Warning,
        "{Title} ({Series}) is {Value:0.###}, where {Expected:0.###} is usual: {Score:0.0} times as far as it may be")]
    public static partial void Anomaly(ILogger logger, string title, string series, double value, double expected, double score);

    [LoggerMessage(8060, LogLevel.Debug, "The services' heartbeats are not heard: {Problem}")]
    public static partial void NoHeartbeats(ILogger logger, string problem);
}
