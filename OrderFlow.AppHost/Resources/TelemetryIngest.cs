namespace OrderFlow.AppHost.Resources;

/// <summary>The services' spans and log lines go to the Monitor, whatever <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says besides.</summary>
internal static class TelemetryIngest
{
    /// <summary>256 bits of letters and digits.</summary>
    private const int KeyLength = 43;

    /// <summary>The services know the Monitor's address and a key for it, another one with every start. None of them waits for it.</summary>
    public static void TakesTelemetryOf(this IResourceBuilder<ProjectResource> monitor, params IResourceBuilder<ProjectResource>[] services)
    {
        var key = monitor.ApplicationBuilder.AddParameter(
            $"{monitor.Resource.Name}-ingest-key", new GenerateParameterDefault { MinLength = KeyLength, Special = false }, secret: true);
        monitor.WithEnvironment("Monitor__IngestKey", key);
        foreach (var service in services)
        {
            service
                .WithEnvironment("Telemetry__MonitorEndpoint", monitor.GetEndpoint("http"))
                .WithEnvironment("Telemetry__MonitorKey", key);
        }
    }
}
