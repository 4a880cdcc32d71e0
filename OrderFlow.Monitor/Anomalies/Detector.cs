using System.Runtime.InteropServices;

namespace OrderFlow.Monitor.Anomalies;

/// <summary>A value at a time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Sample(DateTimeOffset At, double Value);

/// <summary>What is known of a series when it is judged.</summary>
/// <param name="Recent">The values of the window, the latest last; where there was none, there is none.</param>
/// <param name="Usual">
/// Of each day before, the values around the same time of day, or for a trend those of the same window; the day before first.
/// </param>
internal sealed record SeriesHistory(IReadOnlyList<Sample> Recent, IReadOnlyList<IReadOnlyList<Sample>> Usual);

/// <summary>What a detector says of a series.</summary>
/// <param name="IsAnomalous">Whether it is anomalous.</param>
/// <param name="Score">How far it is, in units of the limit: 1 is the limit.</param>
/// <param name="Value">The latest value.</param>
/// <param name="Expected">What is usual: the median, or the bound.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(bool IsAnomalous, double Score, double Value, double Expected);

/// <summary>Judges series as its options say.</summary>
internal sealed class Detector(DetectorOptions options)
{
    /// <summary>A robust standard deviation is the median absolute deviation times this, where values are normally distributed.</summary>
    private const double OfMedianDeviation = 1.4826;

    /// <summary>Days whose time of day says more than the last hour.</summary>
    private const int EnoughDays = 3;

    /// <summary>How many of all pairs of values must rise, or fall, of what has a trend; beyond those that do the opposite.</summary>
    private const double Agreement = 0.6;

    /// <summary>What it says; <see langword="null"/> when there is too little to say anything.</summary>
    /// <param name="history">What is known.</param>
    /// <param name="now">When it is judged.</param>
    /// <param name="period">The distance of two values: what is older than two of them is not judged any more.</param>
    public Verdict? Judge(SeriesHistory history, DateTimeOffset now, TimeSpan period)
    {
        var recent = history.Recent.Where(sample => double.IsFinite(sample.Value)).ToList();
        if (recent.Count == 0 || now - recent[^1].At > 2 * period)
        {
            return null;
        }

        return options.Kind switch
        {
            DetectorKind.Statistical => ByDistance(recent, history.Usual),
            DetectorKind.Threshold => ByBound(recent),
            _ => BySlope(recent, history.Usual, period),
        };
    }

    private Verdict? ByDistance(List<Sample> recent, IReadOnlyList<IReadOnlyList<Sample>> usual)
    {
        var judged = recent.TakeLast(options.For).ToList();
        var season = usual
            .Select(day => day.Select(sample => sample.Value).Where(double.IsFinite).ToList())
            .Where(day => day.Count > 0)
            .ToList();
        var values = season.Count >= EnoughDays
            ? season.SelectMany(day => day).ToList()
            : recent.SkipLast(options.For).Select(sample => sample.Value).ToList();
        if (values.Count < options.LeastValues || judged.Count < options.For)
        {
            return null;
        }

        var median = Median(values);
        var scale = Math.Max(
            OfMedianDeviation * Median(values.ConvertAll(value => Math.Abs(value - median))),
            Math.Max(options.LeastShare * Math.Abs(median), options.LeastDeviation));
        var distance = judged.Min(sample => Directed(sample.Value - median));
        // What never changed has no scale: then any change counts, in its own unit.
        var score = scale > 0 ? distance / scale / options.Limit : distance > 0 ? double.MaxValue : 0;
        return new Verdict(score > 1, Math.Max(0, score), recent[^1].Value, median);
    }

    private Verdict? ByBound(List<Sample> recent)
    {
        var judged = recent.TakeLast(options.For).ToList();
        if (judged.Count < options.For)
        {
            return null;
        }

        var beyond = judged.TrueForAll(sample =>
            options.Direction == Direction.Down ? sample.Value < options.Limit : sample.Value > options.Limit);
        var last = recent[^1].Value;
        var score = options.Direction == Direction.Down ? options.Limit / Math.Max(last, double.Epsilon) : last / options.Limit;
        return new Verdict(beyond, Math.Max(0, score), last, options.Limit);
    }

    private Verdict? BySlope(List<Sample> recent, IReadOnlyList<IReadOnlyList<Sample>> usual, TimeSpan period)
    {
        var last = recent[^1].Value;
        if (usual.Count(day => day.Count > 0) >= EnoughDays)
        {
            // What rises every morning has no trend: against its usual course it stays where it is.
            recent = AgainstUsual(recent, usual, period);
        }

        if (recent.Count < options.LeastValues)
        {
            return null;
        }

        // Theil and Sen: the median of the slopes of all pairs, which a few wild values do not change. Mann and Kendall: how many agree.
        var slopes = new List<double>(recent.Count * (recent.Count - 1) / 2);
        var agreement = 0;
        for (var later = 1; later < recent.Count; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                var difference = recent[later].Value - recent[earlier].Value;
                slopes.Add(difference / (recent[later].At - recent[earlier].At).TotalSeconds);
                agreement += Math.Sign(difference);
            }
        }

        var median = Median(recent.ConvertAll(sample => sample.Value));
        var change = Directed(Median(slopes)) * (recent[^1].At - recent[0].At).TotalSeconds;
        var share = median == 0 ? 0 : change / Math.Abs(median);
        var agrees = Math.Abs(agreement) > Agreement * slopes.Count;
        return new Verdict(agrees && share > options.Limit, Math.Max(0, share / options.Limit), last, last / recent[^1].Value * median);
    }

    /// <summary>Each value as a multiple of the median of the same moment of the days before, where there is one.</summary>
    private static List<Sample> AgainstUsual(List<Sample> recent, IReadOnlyList<IReadOnlyList<Sample>> usual, TimeSpan period)
    {
        var byMoment = usual
            .SelectMany((day, index) => day.Select(sample => (At: sample.At + TimeSpan.FromDays(index + 1), sample.Value)))
            .Where(sample => sample.Value > 0 && double.IsFinite(sample.Value))
            .ToLookup(sample => sample.At.Ticks / period.Ticks, sample => sample.Value);
        return
        [
            .. from sample in recent
               let same = byMoment[sample.At.Ticks / period.Ticks].ToList()
               where same.Count > 0
               select sample with { Value = sample.Value / Median(same) },
        ];
    }

    private double Directed(double distance) => options.Direction switch
    {
        Direction.Up => distance,
        Direction.Down => -distance,
        _ => Math.Abs(distance),
    };

    private static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
