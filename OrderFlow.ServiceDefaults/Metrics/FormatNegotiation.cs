using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>Chooses the format by the <c>Accept</c> header. Whoever asks for neither gets the text format, as Prometheus clients do.</summary>
internal static class FormatNegotiation
{
    public static ExpositionFormat Choose(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var accepted))
        {
            return ExpositionFormat.PrometheusText;
        }

        // A wildcard names no version, and a browser sends one: it means the text format.
        var openMetrics = Quality(accepted, "application/openmetrics-text", "1.0.0");
        return openMetrics > 0 && openMetrics >= Quality(accepted, "text/plain", "0.0.4")
            ? ExpositionFormat.OpenMetrics
            : ExpositionFormat.PrometheusText;
    }

    public static bool AcceptsGzip(StringValues acceptEncoding) =>
        StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted)
        && accepted.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is null or > 0);

    private static double Quality(IEnumerable<MediaTypeHeaderValue> accepted, string mediaType, string version) =>
        accepted
            .Where(range => range.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase) && HasVersion(range, version))
            .Max(range => (double?)(range.Quality ?? 1)) ?? 0;

    private static bool HasVersion(MediaTypeHeaderValue range, string version)
    {
        foreach (var parameter in range.Parameters)
        {
            if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))
            {
                return HeaderUtilities.RemoveQuotes(parameter.Value).Equals(version, StringComparison.Ordinal);
            }
        }

        return true;
    }
}
