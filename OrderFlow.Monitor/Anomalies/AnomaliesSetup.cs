using Microsoft.Extensions.Options;

namespace OrderFlow.Monitor.Anomalies;

/// <summary><c>GET /api/anomalies</c>, and the metrics <c>anomaly_active</c> and <c>anomaly_score</c>.</summary>
internal static class AnomaliesSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void AddAnomalies(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AnomalyOptions>().BindConfiguration(AnomalyOptions.Section)
            .Validate(
                options => options.Detectors.Select(one => one.Name).Distinct(StringComparer.Ordinal).Count() == options.Detectors.Count,
                $"{AnomalyOptions.Section}:{nameof(AnomalyOptions.Detectors)} has two of one name.")
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AnomalyOptions>, AnomalyOptionsValidator>();
        builder.Services.AddHttpClient(SeriesReader.ClientName, client => client.Timeout = Patience);
        builder.Services.AddSingleton<SeriesReader>();
        builder.Services.AddSingleton<AnomalyWatch>();
        builder.Services.AddHostedService<AnomalyWorker>();
    }

    public static void MapAnomalies(this WebApplication app) =>
        app.MapGet("/api/anomalies", (AnomalyWatch watch) => TypedResults.Ok(watch.Last));
}
