namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>What OpenMetrics demands of a document beyond its grammar.</summary>
internal static class OpenMetricsRules
{
    private const int ExemplarLimit = 128;

    public static void Check(OpenMetricsDocument document)
    {
        var samples = document.Families.SelectMany(family => family.Samples).ToList();
        samples.GroupBy(sample => sample.Series, StringComparer.Ordinal).Where(series => series.Count() > 1).Select(series => series.Key)
            .ShouldBeEmpty("series that appear twice");
        samples.SelectMany(sample => sample.Labels.Keys).ShouldAllBe(name => !name.StartsWith("__", StringComparison.Ordinal));

        foreach (var family in document.Families)
        {
            if (family.Unit is { } unit)
            {
                family.Name.ShouldEndWith("_" + unit);
            }

            CheckExemplars(family);
            if (family.Type == "counter")
            {
                family.Samples.ShouldAllBe(sample => !(sample.Value < 0), $"{family.Name} counts down");
            }
            else if (family.Type == "histogram")
            {
                CheckHistogram(family);
            }
        }
    }

    private static void CheckExemplars(ParsedFamily family)
    {
        foreach (var sample in family.Samples.Where(sample => sample.Exemplar is not null))
        {
            (sample.Name.EndsWith("_total", StringComparison.Ordinal) || sample.Name.EndsWith("_bucket", StringComparison.Ordinal))
                .ShouldBeTrue($"{sample.Name} may have no exemplar");
            sample.Exemplar!.Labels.Sum(label => label.Key.Length + label.Value.Length).ShouldBeLessThanOrEqualTo(ExemplarLimit);
        }
    }

    private static void CheckHistogram(ParsedFamily family)
    {
        var points = family.Samples.GroupBy(
            sample => ParsedSample.Key("", sample.Labels.Where(label => label.Key != "le")), StringComparer.Ordinal).ToList();
        foreach (var point in points)
        {
            var buckets = point.Where(sample => sample.Name == family.Name + "_bucket").ToList();
            var bounds = buckets.ConvertAll(bucket => OpenMetricsNumber.Bound(bucket.Labels["le"]));
            bounds.SequenceEqual(bounds.Order().Distinct()).ShouldBeTrue($"bounds of {family.Name} rise");
            bounds[^1].ShouldBe(double.PositiveInfinity);
            var counts = buckets.ConvertAll(bucket => bucket.Value);
            counts.SequenceEqual(counts.Order()).ShouldBeTrue($"buckets of {family.Name} are cumulative");

            var sum = point.SingleOrDefault(sample => sample.Name == family.Name + "_sum");
            var count = point.SingleOrDefault(sample => sample.Name == family.Name + "_count");
            (sum is null).ShouldBe(count is null);
            (sum is null).ShouldBe(bounds[0] < 0, "a histogram with negative bounds has no sum");
            count?.Value.ShouldBe(counts[^1]);
            for (var i = 0; i < buckets.Count; i++)
            {
                if (buckets[i].Exemplar is { } exemplar)
                {
                    exemplar.Value.ShouldBeLessThanOrEqualTo(bounds[i]);
                    exemplar.Value.ShouldBeGreaterThan(i == 0 ? double.NegativeInfinity : bounds[i - 1]);
                    counts[i].ShouldBeGreaterThan(i == 0 ? 0 : counts[i - 1], "an exemplar comes from a bucket that counted it");
                }
            }
        }

        // The lines of one point stay together.
        var order = family.Samples.ConvertAll(sample => ParsedSample.Key("", sample.Labels.Where(label => label.Key != "le")));
        order.Where((key, i) => i == 0 || order[i - 1] != key).Count().ShouldBe(points.Count, $"points of {family.Name} are interleaved");
    }
}
