using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging;

/// <summary>How a service uses the bus; configuration section <c>Messaging</c>, validated at start.</summary>
public sealed class MessagingOptions
{
    public const string Section = "Messaging";

    /// <summary>Unacknowledged deliveries that the broker may have at this service, waiting ones included. Default 256.</summary>
    [Range(1, ushort.MaxValue)]
    public int Prefetch { get; set; } = 256;

    /// <summary>Events handled at the same time, those of transactional handlers apart. Default 64.</summary>
    [Range(1, 4096)]
    public int Concurrency { get; set; } = 64;

    /// <summary>Events that one transaction of a transactional handler takes at most; it takes what is ready and never waits for more. Default 50.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 50;

    /// <summary>Such transactions at the same time. Default 4.</summary>
    [Range(1, 64)]
    public int BatchLanes { get; set; } = 4;

    /// <summary>Times a failed handler is tried again in the process before the event is dead-lettered. Default 3; 0 for none.</summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 3;

    /// <summary>Wait before the first retry; each further one waits twice as long, all with ±20 % jitter. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Events that may wait for the broker's confirm; publishing more fails as overloaded. Default 8192.</summary>
    [Range(1, 1_000_000)]
    public int MaxUnconfirmed { get; set; } = 8192;

    /// <summary>How long the broker may take to confirm an event. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long publishing waits for a connection, for room, or for a blocked broker before it fails. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan PublishWait { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>AMQP heartbeat asked for; a dead connection is noticed after about two of them. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class MessagingOptionsValidator : IValidateOptions<MessagingOptions>;
