using Microsoft.Extensions.Logging;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>What the operations of the bus write to the log; event ids go on from those of the bus.</summary>
internal static partial class Log
{
    [LoggerMessage(2010, LogLevel.Information, "{Queue} is tapped, in batches of at most {BatchSize}")]
    public static partial void Tapping(ILogger logger, string queue, int batchSize);

    [LoggerMessage(
        2011, LogLevel.Warning,
        "{Count} messages of {Queue} cannot be stored; nothing is acknowledged, and they are tried again in {Delay}")]
    public static partial void TapWaits(ILogger logger, int count, string queue, TimeSpan delay, Exception exception);
}
