using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Brings the SDK's own warnings into the log: a collector that cannot be reached, an instrument whose name is refused, a metric
/// with too many series. The SDK tells them to nobody else. Each kind once a minute, so that a collector that is down for
/// an hour is sixty lines, and a line that itself is exported does not feed on its failure.
/// </summary>
internal sealed class SdkTrouble : EventListener
{
    private const string SdkSources = "OpenTelemetry-";
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Source, int Event), long> _lastLogged = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string? _monitor;

    public SdkTrouble(TimeProvider time, IOptions<TelemetryOptions> options, ILogger<SdkTrouble> logger)
    {
        _monitor = options.Value.MonitorEndpoint is { Length: > 0 } endpoint ? new Uri(endpoint).Authority : null;
        (_time, _logger) = (time, logger);

        // The base constructor reports the sources that exist already, before there is a logger: they are asked again.
        foreach (var source in EventSource.GetSources())
        {
            Listen(source);
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (_logger is not null)
        {
            Listen(eventSource);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (IsByDesign(eventData) || IsAboutMonitor(eventData))
        {
            return;
        }

        var now = _time.GetTimestamp();
        var key = (eventData.EventSource.Name, eventData.EventId);
        if (_lastLogged.TryGetValue(key, out var last) && _time.GetElapsedTime(last, now) < Pause)
        {
            return;
        }

        _lastLogged[key] = now;
        _logger.TelemetryTrouble(eventData.EventSource.Name, Text(eventData));
    }

    /// <summary>The framework has more meters than are collected; that the others are left out is no trouble.</summary>
    private static bool IsByDesign(EventWrittenEventArgs eventData) =>
        eventData.EventName == "MetricInstrumentIgnored" &&
        eventData.Payload?.OfType<string>().Any(text => text.StartsWith("Instrument belongs to a Meter not subscribed", StringComparison.Ordinal)) == true;

    /// <summary>The Monitor may be stopped at any time; what it misses then is its own loss, and nobody's trouble here.</summary>
    private bool IsAboutMonitor(EventWrittenEventArgs eventData) =>
        _monitor is not null && eventData.Payload?.Any(value => value?.ToString()?.Contains(_monitor, StringComparison.OrdinalIgnoreCase) == true) == true;

    /// <summary>The event's message with its arguments, first line only: what follows is a stack trace.</summary>
    private static string Text(EventWrittenEventArgs eventData)
    {
        object?[] arguments = eventData.Payload is { } payload ? [.. payload] : [];
        var text = eventData.Message is { } message
            ? string.Format(CultureInfo.InvariantCulture, message, arguments)
            : $"{eventData.EventName}: {string.Join(", ", arguments)}";
        return text.Split('\n')[0].TrimEnd('\r');
    }

    private void Listen(EventSource source)
    {
        if (source.Name.StartsWith(SdkSources, StringComparison.Ordinal))
        {
            EnableEvents(source, EventLevel.Warning);
        }
    }
}
