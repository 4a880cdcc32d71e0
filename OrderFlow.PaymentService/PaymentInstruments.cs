using System.Diagnostics.Metrics;

namespace OrderFlow.PaymentService;

/// <summary>Every instrument of PaymentService.</summary>
internal sealed class PaymentInstruments
{
    public const string MeterName = "OrderFlow.PaymentService";

    /// <summary>In seconds.</summary>
    private static readonly double[] LatencyBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Counter<long> _processed;
    private readonly Histogram<double> _asked;

    public PaymentInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _processed = meter.CreateCounter<long>("payments.processed", "{payment}", "Payments by outcome. Counted by the handling, which is repeated when its transaction fails.");
        _asked = meter.CreateHistogram(
            "payments.provider.duration", "s", "How long the payment provider took to answer.", tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyBounds });
    }

    public void Processed(bool approved) => _processed.Add(1, new KeyValuePair<string, object?>("outcome", approved ? "approved" : "declined"));

    public void Asked(string provider, TimeSpan duration) => _asked.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("provider", provider));
}
