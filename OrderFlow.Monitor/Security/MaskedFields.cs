using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Security;

/// <summary>Hides the values of the configured fields, wherever in a document they are.</summary>
internal sealed class MaskedFields(IOptions<MonitorOptions> options)
{
    public const string Mask = "•••";

    private readonly HashSet<string> _names = new(
        options.Value.MaskedFields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    public bool Any => _names.Count > 0;

    public JsonElement? Hide(JsonElement? json)
    {
        if (json is not { } element || _names.Count == 0)
        {
            return json;
        }

        var node = JsonNode.Parse(element.GetRawText());
        Hide(node);
        return node is null ? element : JsonElement.Parse(node.ToJsonString());
    }

    private void Hide(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToArray())
                {
                    if (_names.Contains(name) && !IsEmpty(value))
                    {
                        fields[name] = Mask;
                    }
                    else
                    {
                        Hide(value);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Hide(item);
                }

                break;
        }
    }

    /// <summary>That nothing was given hides nobody.</summary>
    private static bool IsEmpty(JsonNode? value) =>
        value is null || (value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length == 0);
}
