using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OrderFlow.ServiceDefaults.Logging;

/// <summary>
/// A log line for a person, chosen with <c>Logging:Console:FormatterName=readable</c>: UTC time, level, message, and behind it in braces
/// what the scopes say, such as the correlation id, the event id and the trace id. An exception follows on lines of its own.
/// </summary>
internal sealed class ReadableConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "readable";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(time.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write(logEntry.Formatter(logEntry.State, logEntry.Exception));
        var scopes = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        scopeProvider?.ForEachScope(Collect, scopes);
        if (scopes.Count > 0)
        {
            textWriter.Write($" {{{string.Join(' ', scopes.Select(scope => $"{scope.Key}={scope.Value}"))}}}");
        }

        textWriter.WriteLine();
        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(exception);
        }
    }

    private static void Collect(object? scope, SortedDictionary<string, object?> into)
    {
        if (scope is not IEnumerable<KeyValuePair<string, object?>> pairs)
        {
            return;
        }

        foreach (var (name, value) in pairs)
        {
            // The text that the values were cut from, and what no activity is around for.
            if (name != "{OriginalFormat}" && value is not (null or ""))
            {
                into[name] = value;
            }
        }
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => " trce ",
        LogLevel.Debug => " dbug ",
        LogLevel.Information => " info ",
        LogLevel.Warning => " WARN ",
        LogLevel.Error => " FAIL ",
        _ => " CRIT ",
    };
}
