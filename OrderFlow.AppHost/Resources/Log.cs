using Microsoft.Extensions.Logging;

namespace OrderFlow.AppHost.Resources;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Note}")]
    public static partial void PortMoved(ILogger logger, string note);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{File} could not be written")]
    public static partial void FileNotWritten(ILogger logger, string file, Exception failure);
}
