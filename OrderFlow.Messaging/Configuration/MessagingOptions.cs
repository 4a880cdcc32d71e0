using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging.Configuration;

/// <summary>How a service uses the bus; configuration section <c>Messaging</c>, validated at start.</summary>
public sealed class MessagingOptions
{
    public const string Section = "Messaging";

    /// <summary>
    /// Unacknowledged deliveries that the broker may have at this service, waiting ones included. Default 512. A service that handles
    /// events in order shares them out evenly among its partitions, and everything behind an event that waits for its retry counts: when a
    /// partition's share is used up, its other aggregates wait, too. Then the same for every replica, and not to be lowered while events
    /// wait.
    /// </summary>
    [Range(1, ushort.MaxValue)]
    public int Prefetch { get; set; } = 512;

    /// <summary>Events handled at the same time, those of transactional handlers apart. Default 64.</summary>
    [Range(1, 4096)]
    public int Concurrency { get; set; } = 64;

    /// <summary>
    /// Events that one transaction of a transactional handler takes at most; it takes what is ready and never waits for more. Default 200.
    /// </summary>
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 200;

    /// <summary>
    /// Such transactions at the same time. Default 1: while it is at work at the database, the next one is gathered.
    /// </summary>
    [Range(1, 64)]
    public int BatchLanes { get; set; } = 1;

    /// <summary>
    /// Times a failed handler is tried again in the process before the event is retried later or dead-lettered. Default 3; 0 for none.
    /// </summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 3;

    /// <summary>Wait before the first retry; each further one waits twice as long, all with ±20 % jitter. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Delays after which an event that failed in the process is delivered again, one after the other, before it is dead-lettered.
    /// Each has a retry queue, unless the service handles events in order: there they wait in their place, for 15 minutes in all at most.
    /// The waits are up to a tenth shorter. Default <c>5s,30s,2m</c>; empty for none.
    /// </summary>
    [RetryTiers]
    public string RetryTiers { get; set; } = "5s,30s,2m";

    /// <summary>Share of events that fail at first at which the consumer slows down. Default 0.9; above 1 it never does.</summary>
    [Range(0.1, 2)]
    public double BrakeAtFailureRate { get; set; } = 0.9;

    /// <summary>Events that the share is taken of: the last so many. Default 50.</summary>
    [Range(1, 10_000)]
    public int BrakeSample { get; set; } = 50;

    /// <summary>The sample counts only if it is no longer than this. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan BrakeWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest pause before an event while the throttle is on. Default 5 s: what the prefetch holds must be through before the broker's
    /// patience with a consumer ends, 30 minutes by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan BrakeMaxPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the sizes of retry and dead-letter queues are asked for. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan QueueSizePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often each process tells that it is there. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.250", "00:10:00")]
    public TimeSpan HeartbeatPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The broker's management API, such as <c>http://localhost:15672</c>; asked as the user of the broker's connection string, who needs
    /// the tag <c>management</c>. Default none: then queue sizes count ready messages only, and nobody warns of a policy that drops dead
    /// letters.
    /// </summary>
    [ManagementUrl]
    public Uri? ManagementUrl { get; set; }

    /// <summary>Events that may wait for the broker's confirm; publishing more fails as overloaded. Default 8192.</summary>
    [Range(1, 1_000_000)]
    public int MaxUnconfirmed { get; set; } = 8192;

    /// <summary>
    /// Events of one type which travel in one message, at most, and with no more than 64 KiB of bodies: those that one transaction
    /// publishes, and with <see cref="MessagingBuilder.PublishesInAnyOrder"/> those that have to wait for the broker's confirms anyway.
    /// Default 64; 1 for a message per event, as consumers need that do not use this library.
    /// </summary>
    [Range(1, 1000)]
    public int MostPacked { get; set; } = 64;

    /// <summary>Bytes of a body over which an event is compressed (gzip), if that makes it smaller. Default 1024; 0 for never.</summary>
    [Range(0, int.MaxValue)]
    public int CompressOver { get; set; } = 1024;

    /// <summary>How long the broker may take to confirm an event. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long publishing waits for a connection, for room, or for a blocked broker before it fails. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan PublishWait { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>AMQP heartbeat asked for; a dead connection is noticed after about two of them. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What <see cref="RetryTiers"/> says.</summary>
    internal IReadOnlyList<TimeSpan> RetryDelayList => RetryDelays.TryParse(RetryTiers ?? "", out var delays) ? delays : [];
}

[OptionsValidator]
internal sealed partial class MessagingOptionsValidator : IValidateOptions<MessagingOptions>;
