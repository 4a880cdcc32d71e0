using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>How a tap gathers what it receives; configuration section <c>Tap</c>, validated at start.</summary>
public sealed class TapOptions
{
    public const string Section = "Tap";

    /// <summary>Messages that the receiver gets at once, at most. Default 1000.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 1000;

    /// <summary>How long a batch that is not full waits for more. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan BatchWait { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Unacknowledged messages that the broker may have at this process; at least the batch size makes sense. One of
    /// them may carry several events. Default 1000.
    /// </summary>
    [Range(1, ushort.MaxValue)]
    public int Prefetch { get; set; } = 1000;

    /// <summary>
    /// After a stop, how many times as fast as they were published events are gone through at most: more is sooner done, and takes more
    /// from whoever else needs the machine and the database. Default 2: after a minute, it has caught up in another one.
    /// </summary>
    [Range(1.1, 1_000_000)]
    public double CatchUpSpeed { get; set; } = 2;
}

[OptionsValidator]
internal sealed partial class TapOptionsValidator : IValidateOptions<TapOptions>;
