using Microsoft.Extensions.Logging;

namespace OrderFlow.AppHost;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Note}")]
    public static partial void PortMoved(ILogger logger, string note);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{File} could not be written")]
    public static partial void FileNotWritten(ILogger logger, string file, Exception failure);

    [LoggerMessage(
        EventId = 3, Level = LogLevel.Warning, Message = "{Resource} {Reason}; it starts again in {Seconds} s (crash {Crashes} in a row)")]
    public static partial void Crashed(ILogger logger, string resource, string reason, double seconds, int crashes);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Resource} could not be started again: {Reason}")]
    public static partial void NotStarted(ILogger logger, string resource, string reason, Exception? failure);

    [LoggerMessage(
        EventId = 5, Level = LogLevel.Critical,
        Message = "Aspire's orchestrator (dcp) has ended, and everything that it ran. The AppHost ends, too; start it again.")]
    public static partial void OrchestratorEnded(ILogger logger);

    [LoggerMessage(
        EventId = 6, Level = LogLevel.Warning,
        Message = "There is no Alertmanager, so nobody is told of alerts. Install it: sudo apt-get install prometheus-alertmanager")]
    public static partial void NoAlertmanager(ILogger logger);
}
