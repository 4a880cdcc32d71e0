using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed partial class JsonLogTests
{
    [Fact]
    public async Task A_line_is_one_json_object_with_utc_time_scopes_and_trace()
    {
        var lines = await LinesOfAsync(logger =>
        {
            using var activity = new System.Diagnostics.Activity("handle").Start();
            using var scope = logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["CorrelationId"] = "c-1" });
            LineOne(logger, "o-1");
            return activity.TraceId.ToString();
        });

        var (trace, line) = (lines.Result, lines.Lines.Single(line => line.Contains("line one", StringComparison.Ordinal)));
        var json = JsonDocument.Parse(line).RootElement;
        json.GetProperty("LogLevel").GetString().ShouldBe("Information");
        json.GetProperty("Message").GetString().ShouldBe("line one\nline \"two\" für o-1");
        json.GetProperty("State").GetProperty("Order").GetString().ShouldBe("o-1");
        DateTimeOffset.ParseExact(
            json.GetProperty("Timestamp").GetString()!, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal)
            .ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        var scopes = json.GetProperty("Scopes").EnumerateArray().ToList();
        scopes.Select(scope => Text(scope, "TraceId")).ShouldContain(trace);
        scopes.Select(scope => Text(scope, "CorrelationId")).ShouldContain("c-1");
    }

    [Fact]
    public async Task Requests_and_debug_lines_are_not_logged_by_default()
    {
        var (_, lines) = await LinesOfAsync(logger =>
        {
            logger.LogDebug("a debug line");
            return true;
        });

        lines.Where(line => line.Contains("\"Category\":\"Microsoft.AspNetCore", StringComparison.Ordinal)).ShouldBeEmpty();
        lines.Where(line => line.Contains("a debug line", StringComparison.Ordinal)).ShouldBeEmpty();
        lines.ShouldContain(line => line.Contains("Now listening on", StringComparison.Ordinal));
    }

    [LoggerMessage(1, LogLevel.Information, "line one\nline \"two\" für {Order}")]
    private static partial void LineOne(ILogger logger, string order);

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static async Task<(T Result, string[] Lines)> LinesOfAsync<T>(Func<ILogger, T> act)
    {
        var console = Console.Out;
        await using var captured = new StringWriter();
        Console.SetOut(TextWriter.Synchronized(captured));
        try
        {
            T result;
            await using (var service = await InstrumentedService.StartAsync())
            {
                await service.PlaceOrderAsync();
                result = act(service.Services.GetRequiredService<ILogger<JsonLogTests>>());
            }

            // The console's queue is written out when the service is gone.
            return (result, captured.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            Console.SetOut(console);
        }
    }
}
