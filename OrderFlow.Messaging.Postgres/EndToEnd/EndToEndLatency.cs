using System.Diagnostics;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Postgres.EndToEnd;

/// <summary>
/// The histogram <c>event_processing_end_to_end_latency_seconds</c>: how long flows took from their origin to their end at this service.
/// What is observed is committed with what ended the flow, and one replica tells it for all, so the counts equal the database after any
/// crash.
/// </summary>
/// <param name="flows">The flows that a label names; any other is <c>unknown</c>.</param>
/// <param name="statuses">How flows can end at this service.</param>
public sealed class EndToEndLatency(IReadOnlyList<string> flows, IReadOnlyList<string> statuses) : IDisposable
{
    /// <summary>The instrument's name.</summary>
    public const string Name = "event_processing.end_to_end_latency";

    /// <summary>What it measures.</summary>
    public const string Description =
        "From the customer's request at the Gateway to the customer's notification, " +
        "or to the dead-letter queue when status is failure.";

    /// <summary>The customer was told.</summary>
    public const string Success = "success";

    /// <summary>An event of the flow was given up.</summary>
    public const string Failure = "failure";

    private const string Unknown = "unknown";

    /// <summary>A dead letter may wait for months; what began in 1970 was begun by a wrong clock.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    private readonly SemaphoreSlim _collecting = new(1, 1);
    private volatile bool _isTold;

    /// <summary>
    /// In seconds: finer below, wider above, and every latency that a service level names is an exact bound (0.25, 0.5, 1 …).
    /// </summary>
    public static IReadOnlyList<double> Bounds { get; } =
    [
        0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5,
        0.75, 1, 1.5, 2.5, 5, 10, 30, 60, 120, 300, 600,
    ];

    /// <summary>The labels of the series that are there, with zeros, before the first flow ends.</summary>
    public KeyValuePair<string, object?>[][] Known { get; } =
    [
        .. from flow in flows from status in statuses from attempt in Enum.GetValues<FlowAttempt>() select TagsOf(
            flow, status, attempt.ToText()),
    ];

    /// <summary>Whether this replica is the one that tells it.</summary>
    public bool IsTold
    {
        get => _isTold;
        internal set => _isTold = value;
    }

    /// <summary>
    /// Whether a latency may be observed: a made-up 0 would flatter the percentiles, and half a century spoil every mean.
    /// </summary>
    public static bool IsPlausible(long micros) => micros >= 0 && micros <= Longest.TotalMicroseconds;

    /// <summary>The end of a flow, to be committed with what ends it; <see langword="null"/> when the latency is not plausible.</summary>
    /// <param name="context">The event whose handling ended it.</param>
    /// <param name="status"><see cref="Success"/> or <see cref="Failure"/>.</param>
    /// <param name="micros">How long the flow took, in microseconds.</param>
    public FlowEnding? End(EventContext context, string status, long micros)
    {
        ArgumentNullException.ThrowIfNull(context);
        return !IsPlausible(micros) ? null : new FlowEnding(
            flows.Contains(context.Flow) ? context.Flow : Unknown,
            status,
            context.WorstAttempt.ToText(),
            micros / 1e6,
            Activity.Current is { Recorded: true } activity ? Guid.ParseExact(activity.TraceId.ToHexString(), "N") : null);
    }

    /// <summary>
    /// Keeps the series as they are until the result is disposed of: no scrape may see half of what a replica begins with.
    /// </summary>
    public async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        await _collecting.WaitAsync(cancellationToken);
        return new Hold(_collecting);
    }

    /// <inheritdoc/>
    public void Dispose() => _collecting.Dispose();

    internal static KeyValuePair<string, object?>[] TagsOf(string flow, string status, string attempt) =>
        [new("event_type", flow), new("status", status), new("attempt", attempt)];

    private sealed class Hold(SemaphoreSlim collecting) : IDisposable
    {
        private SemaphoreSlim? _held = collecting;

        public void Dispose() => Interlocked.Exchange(ref _held, null)?.Release();
    }
}
