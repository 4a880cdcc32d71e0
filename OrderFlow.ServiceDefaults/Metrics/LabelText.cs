using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>The labels of a series as they stand between the braces, e.g. <c>flow="OrderCreationFlow",status="success"</c>.</summary>
internal static class LabelText
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Sorted by name, so that one label set has one text. Tags whose names become the same label share it, their values joined
    /// by <c>;</c>. An empty value is left out: to both formats it means the same as no label.
    /// </summary>
    public static string Render(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        var labels = tags
            .OrderBy(tag => tag.Key, StringComparer.Ordinal)
            .GroupBy(tag => Name(tag.Key), tag => Value(tag.Value), StringComparer.Ordinal)
            .Select(group => (Name: group.Key, Value: string.Join(';', group)))
            .Where(label => label.Name.Length > 0 && label.Value.Length > 0)
            .OrderBy(label => label.Name, StringComparer.Ordinal);

        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"").Append(Escape(value)).Append('"');
        }

        return text.ToString();
    }

    /// <summary>Escapes what both formats escape in a label value, and OpenMetrics in HELP too.</summary>
    public static string Escape(string value) => EscapeLines(value).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>Escapes what the Prometheus text format escapes in HELP.</summary>
    public static string EscapeLines(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary><c>le</c> and <c>quantile</c> belong to the formats; <c>__x</c> belongs to Prometheus and loses an underscore.</summary>
    private static string Name(string key) => MetricName.Sanitize(key) switch
    {
        "le" => "exported_le",
        "quantile" => "exported_quantile",
        var name => name,
    };

    private static string Value(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        IEnumerable list => JsonSerializer.Serialize(list, Json),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
