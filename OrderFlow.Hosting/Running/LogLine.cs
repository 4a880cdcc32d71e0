using System.Text.Json;

namespace OrderFlow.Hosting.Running;

/// <summary>Makes a JSON log line of a service readable: level, message, and the first line of the exception. Anything else stays as it is.</summary>
internal static class LogLine
{
    public static string Readable(string line)
    {
        if (!line.StartsWith('{'))
        {
            return line;
        }

        try
        {
            using var parsed = JsonDocument.Parse(line);
            var message = Text(parsed.RootElement, "Message", "message");
            if (message is null)
            {
                return line;
            }

            var level = Text(parsed.RootElement, "LogLevel", "level");
            var exception = Text(parsed.RootElement, "Exception", "exception")?.Split('\n')[0];
            return string.Join(' ', new[] { Short(level), message, exception }.Where(part => !string.IsNullOrEmpty(part)));
        }
        catch (JsonException)
        {
            return line;
        }
    }

    private static string? Text(JsonElement line, string name, string otherName) =>
        (line.TryGetProperty(name, out var value) || line.TryGetProperty(otherName, out value)) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Short(string? level) => level switch
    {
        "Trace" => "trce",
        "Debug" => "dbug",
        "Information" => "info",
        "Warning" => "warn",
        "Error" => "FAIL",
        "Critical" => "CRIT",
        _ => level,
    };
}
