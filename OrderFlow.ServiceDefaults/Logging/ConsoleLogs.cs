using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace OrderFlow.ServiceDefaults.Logging;

/// <summary>Logs on the console, as JSON or as lines for a person.</summary>
internal static class ConsoleLogs
{
    /// <summary>Defaults only: they sit below every other configuration source, so appsettings and the environment win.</summary>
    private static readonly Dictionary<string, string?> DefaultLevels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Logging:LogLevel:Default"] = nameof(LogLevel.Information),
        ["Logging:LogLevel:Microsoft.AspNetCore"] = nameof(LogLevel.Warning),
        // The answer to each probe needs no line; /health shows it.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = nameof(LogLevel.None),
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = nameof(LogLevel.Warning),
        // Attempts of one request that failed; whoever asked says so, once.
        ["Logging:LogLevel:Polly"] = nameof(LogLevel.None),
    };

    /// <summary>
    /// One JSON object a line: UTC time, level, category, event id, message, scopes, and trace and span id within an activity; or a line
    /// for a person, see <see cref="ReadableConsoleFormatter"/>.
    /// </summary>
    public static void AddConsoleLogs(this IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = DefaultLevels });
        builder.Logging.ClearProviders();
        builder.Logging.Configure(options =>
            options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (builder.Configuration["Logging:Console:FormatterName"] == ReadableConsoleFormatter.FormatterName)
        {
            builder.Logging.AddConsole(options => options.FormatterName = ReadableConsoleFormatter.FormatterName);
            builder.Logging.AddConsoleFormatter<ReadableConsoleFormatter, ConsoleFormatterOptions>();
            return;
        }

        builder.Logging.AddJsonConsole(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            // A log is read by people and log stores, never inside HTML: quotes and umlauts stay readable.
            options.JsonWriterOptions = new JsonWriterOptions { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
    }
}
