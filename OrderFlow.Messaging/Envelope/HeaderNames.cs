namespace OrderFlow.Messaging.Envelope;

/// <summary>Every AMQP header of the message contract; nothing else spells them.</summary>
public static class HeaderNames
{
    public const string CausationId = "causation-id";
    public const string OriginTimestamp = "origin-timestamp";
    public const string PublishedAt = "published-at";
    public const string EventVersion = "event-version";
    public const string AggregateId = "aggregate-id";
    public const string TenantId = "tenant-id";
    public const string UserId = "user-id";
    public const string Flow = "flow";
    public const string Attempt = "attempt";
    public const string Replayed = "replayed";

    /// <summary>The worst that happened to the flow before the event: <c>retried</c> or <c>replayed</c>, absent when nothing did.</summary>
    public const string FlowAttempt = "flow-attempt";

    /// <summary>Where the flow's time went until the message was published, stage by stage.</summary>
    public const string Stages = "stages";

    /// <summary>
    /// Number of the retry that the message last waited for, from 0; absent before the first wait, -1 when none of the waits used up a
    /// retry.
    /// </summary>
    public const string RetryTier = "retry-tier";

    /// <summary>How much longer the message must wait behind the tier that it is in, in milliseconds; absent for no longer.</summary>
    public const string RetryRest = "retry-rest";

    /// <summary>Why the message waited in its retry tier.</summary>
    public const string RetryHandler = "retry-handler";
    public const string RetryExceptionType = "retry-exception-type";
    public const string RetryExceptionMessage = "retry-exception-message";
    public const string RetryStackHash = "retry-stack-hash";

    /// <summary>When it was moved there, in microseconds since the Unix epoch.</summary>
    public const string RetryQueuedAt = "retry-queued-at";

    /// <summary>Id of the replay run that last sent the message back.</summary>
    public const string ReplayRun = "replay-run";

    /// <summary>How the message failed before each replay, the last first: one line each.</summary>
    public const string ReplayHistory = "replay-history";

    /// <summary>W3C trace context, as text.</summary>
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";
    public const string Baggage = "baggage";

    /// <summary>Why a message is in a dead-letter queue, one of <c>DeadLetterReasons</c>.</summary>
    public const string DeadLetterReason = "dead-letter-reason";
    public const string DeadLetterExceptionType = "dead-letter-exception-type";
    public const string DeadLetterExceptionMessage = "dead-letter-exception-message";

    /// <summary>How often the handler was tried, over all deliveries that the attempt header knows of.</summary>
    public const string DeadLetterAttempts = "dead-letter-attempts";

    /// <summary>The same for failures that took the same way through the code; groups dead letters.</summary>
    public const string DeadLetterStackHash = "dead-letter-stack-hash";
    public const string DeadLetterHandler = "dead-letter-handler";

    /// <summary>The queue the message was consumed from.</summary>
    public const string DeadLetterQueue = "dead-letter-queue";

    /// <summary>When, in microseconds since the Unix epoch.</summary>
    public const string DeadLetteredAt = "dead-lettered-at";

    /// <summary>How many messages a message carries whose content type is <see cref="Envelope.PackedMessages.ContentType"/>.</summary>
    public const string PackedMessages = "packed-messages";

    /// <summary>What a notice says became of the event, one of <c>NoticeNames</c>.</summary>
    public const string Notice = "notice";

    /// <summary>The service that it became of.</summary>
    public const string NoticeService = "notice-service";

    /// <summary>When, in microseconds since the Unix epoch.</summary>
    public const string NoticeAt = "notice-at";

    /// <summary>Of a discard: which run it was, who decided it, and why.</summary>
    public const string NoticeRun = "notice-run";
    public const string NoticeBy = "notice-by";
    public const string NoticeReason = "notice-reason";

    /// <summary>Properties that would change where a dead letter goes or how long it stays, moved aside under this prefix.</summary>
    public const string OriginalPrefix = "original-";

    /// <summary>RabbitMQ's own: additional routing keys of a message.</summary>
    public const string CarbonCopy = "CC";
    public const string BlindCarbonCopy = "BCC";
}
