using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

/// <summary>Whatever instruments a program comes up with, the document is one that OpenMetrics and Prometheus accept.</summary>
public sealed class RandomInstrumentTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["orders", "orders.total", "orders_count", "a.b", "a/b", "A-B", "x.sum", "x", "x.bucket", "latency", "latency.seconds", "target", "z9.created"];
    private static readonly string?[] Units = [null, "", "1", "s", "ms", "By", "{order}", "{order}/s", "By/s", "%", "Ü", "total"];
    private static readonly string[] Keys = ["a", "a.b", "a/b", "a_b", "le", "quantile", "__x", "9", "ключ", "", "job"];
    private static readonly object?[] Values = ["", "plain", "quote\"", "back\\", "line\nfeed", "\r\t\0", "größe 😀", "\ud83d", "}", "# EOF", 1, 1.5, true, null, new[] { "x", "y" }, new[] { 1, 2 }, double.NaN];
    private static readonly double[] Numbers = [0, 1, -1, 0.1, 1e-300, 1e300, 12345.678, 1.0 / 3, double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    [Fact]
    public async Task Random_instruments_give_valid_documents()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        for (var round = 0; round < 100; round++)
        {
            var random = new Random(seed + round);
            using var scraped = new ScrapedMeter();
            Fill(scraped, random);
            try
            {
                var text = await scraped.ScrapeAsync(ExpositionFormat.OpenMetrics);
                OpenMetricsRules.Check(OpenMetricsDocument.Parse(text));
                OpenMetricsRules.Check(OpenMetricsDocument.Parse(await scraped.ScrapeAsync(ExpositionFormat.OpenMetrics)));
                if (round % 20 == 0)
                {
                    // The linter may dislike the random names; it must be able to read them.
                    var (_, complaints) = await Promtool.CheckMetricsAsync(await scraped.ScrapeAsync(ExpositionFormat.PrometheusText));
                    complaints.ShouldNotContain("error while linting");
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"round {round} of seed {seed}: {exception.Message}", exception);
            }
        }
    }

    private static void Fill(ScrapedMeter scraped, Random random)
    {
        List<Meter> meters = [scraped.Meter, scraped.NewMeter("second")];
        for (var i = 0; i < 15; i++)
        {
            var record = Instrument(meters[random.Next(2)], random);
            for (var n = random.Next(1, 20); n > 0; n--)
            {
                using var activity = random.Next(3) == 0 ? new Activity("sampled") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start() : null;
                record(Pick(random, Numbers), Tags(random));
            }
        }
    }

    private static Action<double, KeyValuePair<string, object?>[]> Instrument(Meter meter, Random random)
    {
        var (name, unit) = (Pick(random, Names), Pick(random, Units));
        var help = Pick(random, Values) as string;
        switch (random.Next(5))
        {
            case 0:
                var counter = meter.CreateCounter<double>(name, unit, help);
                return (value, tags) => counter.Add(Math.Abs(value), tags);
            case 1:
                var gauge = meter.CreateGauge<double>(name, unit, help);
                return (value, tags) => gauge.Record(value, tags);
            case 2:
                var sum = meter.CreateUpDownCounter<long>(name, unit, help);
                return (value, tags) => sum.Add(double.IsFinite(value) ? (long)Math.Clamp(value, -1e9, 1e9) : 1, tags);
            case 3:
                var integers = meter.CreateHistogram<int>(name, unit, help);
                return (value, tags) => integers.Record(double.IsFinite(value) ? (int)Math.Clamp(value, 0, 1e9) : 1, tags);
            default:
                var bounds = Enumerable.Range(0, random.Next(6)).Select(_ => Math.Round((random.NextDouble() - 0.1) * Math.Pow(10, random.Next(-6, 9)), 8)).Distinct().Order().ToArray();
                var histogram = meter.CreateHistogram(name, unit, help, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
                return (value, tags) => histogram.Record(value, tags);
        }
    }

    private static KeyValuePair<string, object?>[] Tags(Random random) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => new KeyValuePair<string, object?>(Pick(random, Keys), Pick(random, Values))).DistinctBy(tag => tag.Key)];

    private static T Pick<T>(Random random, T[] choices) => choices[random.Next(choices.Length)];
}
