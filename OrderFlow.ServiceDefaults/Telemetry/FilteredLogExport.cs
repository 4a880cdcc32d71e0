using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>Exports every warning and error, and of the other log lines those that pass.</summary>
internal sealed class FilteredLogExport(
    BaseExporter<LogRecord> exporter, Func<LogRecord, bool> passes, int queueSize, int delayMilliseconds, int timeoutMilliseconds,
    int batchSize) : BatchLogRecordExportProcessor(exporter, queueSize, delayMilliseconds, timeoutMilliseconds, batchSize)
{
    public override void OnEnd(LogRecord data)
    {
        if (data.LogLevel >= LogLevel.Warning || passes(data))
        {
            base.OnEnd(data);
        }
    }
}
