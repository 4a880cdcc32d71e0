using Microsoft.Extensions.Logging;

namespace OrderFlow.ServiceDefaults;

internal static partial class Log
{
    [LoggerMessage(9001, LogLevel.Warning,
        "Metric {Metric} of meter {Meter} is left out of /metrics: its name {Name} already belongs to the {OtherKind} {OtherName}, and it is a {Kind}. Rename one of the two instruments.")]
    public static partial void MetricNameTaken(
        this ILogger logger, string metric, string meter, string name, string otherKind, string otherName, string kind);

    [LoggerMessage(9002, LogLevel.Warning,
        "A series of {Name} is left out of /metrics: another instrument or tag set writes the same labels {{{Labels}}}. Give the instruments different names or a tag that tells them apart.")]
    public static partial void SeriesTaken(this ILogger logger, string name, string labels);

    [LoggerMessage(9003, LogLevel.Warning,
        "Metric {Metric} of meter {Meter} is left out of /metrics: an exponential histogram has no form in the text formats. Give the instrument explicit boundaries (InstrumentAdvice.HistogramBucketBoundaries).")]
    public static partial void ExponentialHistogramLeftOut(this ILogger logger, string metric, string meter);

    [LoggerMessage(9004, LogLevel.Error, "Collecting the metrics failed; the scrape was answered with 500.")]
    public static partial void ScrapeFailed(this ILogger logger, Exception exception);

    [LoggerMessage(9005, LogLevel.Warning, "{Source} reports: {Trouble} (Told once a minute at most.)")]
    public static partial void TelemetryTrouble(this ILogger logger, string source, string trouble);
}
