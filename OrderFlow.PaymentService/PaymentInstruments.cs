using System.Diagnostics.Metrics;
using OrderFlow.Messaging.Postgres.Counters;

namespace OrderFlow.PaymentService;

/// <summary>Every instrument of PaymentService.</summary>
internal sealed class PaymentInstruments
{
    public const string MeterName = "OrderFlow.PaymentService";
    public const string Approved = "approved";
    public const string Declined = "declined";

    public static readonly DurableCounter Processed = new(
        MeterName, "payments.processed", "{payment}", "Payments by outcome, counted in the transaction that notes it.", ["outcome"],
        [Approved], [Declined]);

    public static readonly DurableCounter Unanswered =
        new(MeterName, "payments.unanswered", "{payment}", "Requests for a payment that the provider took and did not answer.");

    public static readonly DurableCounter Refunded = new(
        MeterName, "payments.refunded", "{payment}",
        "Payments that were given back, because their order was rejected before the answer about them came.");

    /// <summary>In seconds.</summary>
    private static readonly double[] LatencyBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Histogram<double> _asked;

    public PaymentInstruments(IMeterFactory meters) => _asked = meters.Create(MeterName).CreateHistogram(
        "payments.provider.duration", "s", "How long the payment provider took to answer.", tags: null,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyBounds });

    public void Asked(string provider, TimeSpan duration) =>
        _asked.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("provider", provider));
}
