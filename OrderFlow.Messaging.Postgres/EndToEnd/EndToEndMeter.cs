using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrderFlow.Messaging.Diagnostics;

namespace OrderFlow.Messaging.Postgres.EndToEnd;

/// <summary>
/// The histogram itself, which exists only while this replica tells it: an ordinary one, that begins with everything that was ever folded.
/// </summary>
internal sealed class EndToEndMeter(EndToEndLatency latency, IMeterFactory factory)
{
    private readonly Lock _gate = new();
    private Meter? _meter;
    private Histogram<double>? _histogram;

    /// <summary>Tells what was folded since the last call.</summary>
    /// <returns>False when nothing is told at present: then <see cref="BeginAsync"/> tells it with the rest.</returns>
    public bool TryRecord(IReadOnlyList<FlowEnding> endings)
    {
        lock (_gate)
        {
            if (_histogram is null)
            {
                return false;
            }

            foreach (var ending in endings)
            {
                Record(_histogram, ending);
            }

            return true;
        }
    }

    /// <summary>Begins to tell. A value costs some 80 ns, whose mean stands for all of its bucket: counts and sum are right.</summary>
    public async Task BeginAsync(IReadOnlyList<FlowEndBucket> buckets, CancellationToken cancellationToken)
    {
        using var hold = await latency.HoldAsync(cancellationToken);
        // None of these is an example of anything.
        Activity.Current = null;
        lock (_gate)
        {
            _meter ??= new Meter(MessagingTelemetry.Name, version: null, tags: null, scope: factory);
            _histogram = _meter.CreateHistogram(
                EndToEndLatency.Name,
                "s",
                EndToEndLatency.Description,
                tags: null,
                new InstrumentAdvice<double> { HistogramBucketBoundaries = EndToEndLatency.Bounds });
            foreach (var bucket in buckets)
            {
                var mean = Math.Min(bucket.Seconds / bucket.Count, bucket.Upper);
                var tags = EndToEndLatency.TagsOf(bucket.Flow, bucket.Status, bucket.Attempt);
                for (var i = 0L; i < bucket.Count; i++)
                {
                    _histogram.Record(mean, tags);
                }
            }

            latency.IsTold = true;
        }
    }

    public void BeSilent()
    {
        lock (_gate)
        {
            latency.IsTold = false;
            _meter?.Dispose();
            (_meter, _histogram) = (null, null);
        }
    }

    private static void Record(Histogram<double> histogram, FlowEnding ending)
    {
        var before = Activity.Current;
        // Who is current gives the example: the trace is the flow's; the span ended long ago, and this one stands for it.
        using var example = ending.TraceId is { } trace
            ? new Activity("flow ended")
                .SetParentId(
                    ActivityTraceId.CreateFromString(trace.ToString("N")), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded)
                .Start()
            : null;
        histogram.Record(ending.Seconds, EndToEndLatency.TagsOf(ending.Flow, ending.Status, ending.Attempt));
        example?.Stop();
        Activity.Current = before;
    }
}
