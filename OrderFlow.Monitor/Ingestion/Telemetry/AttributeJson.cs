using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>Attributes, span events and links as JSON that PostgreSQL takes.</summary>
internal static class AttributeJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    public static string? Of(IReadOnlyCollection<KeyValue> attributes) => attributes.Count == 0 ? null : Write(attributes, WriteObject);

    public static string? Of(IReadOnlyCollection<SpanEvent> events) => events.Count == 0 ? null : Write(events, static (json, all) =>
    {
        json.WriteStartArray();
        foreach (var one in all)
        {
            json.WriteStartObject();
            json.WriteString("name", Clean(one.Name));
            json.WriteString("at", OtlpReader.Time(one.TimeUnixNano));
            json.WritePropertyName("attributes");
            WriteObject(json, one.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static string? Of(IReadOnlyCollection<Link> links) => links.Count == 0 ? null : Write(links, static (json, all) =>
    {
        json.WriteStartArray();
        foreach (var one in all)
        {
            json.WriteStartObject();
            json.WriteString("traceId", Convert.ToHexStringLower(one.TraceId.Span));
            json.WriteString("spanId", Convert.ToHexStringLower(one.SpanId.Span));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>A value as text: a string as it is, everything else as JSON.</summary>
    public static string Text(AnyValue? value) => value switch
    {
        null => "",
        { ValueCase: AnyValue.ValueOneofCase.StringValue } => Clean(value.StringValue),
        _ => Write(value, WriteValue),
    };

    /// <summary>PostgreSQL's text knows every character but NUL, and no half ones.</summary>
    public static string Clean(string text) => TextCut.Storable(text, nul: "");

    private static string Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json, value);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteObject(Utf8JsonWriter json, IReadOnlyCollection<KeyValue> attributes)
    {
        json.WriteStartObject();
        foreach (var attribute in attributes)
        {
            json.WritePropertyName(Clean(attribute.Key));
            WriteValue(json, attribute.Value);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, AnyValue? value)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                json.WriteStringValue(Clean(value.StringValue));
                break;
            case AnyValue.ValueOneofCase.BoolValue:
                json.WriteBooleanValue(value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                json.WriteNumberValue(value.IntValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue):
                json.WriteNumberValue(value.DoubleValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue:
                // JSON has no number for these.
                json.WriteStringValue(value.DoubleValue.ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case AnyValue.ValueOneofCase.BytesValue:
                json.WriteBase64StringValue(value.BytesValue.Span);
                break;
            case AnyValue.ValueOneofCase.ArrayValue:
                json.WriteStartArray();
                foreach (var item in value.ArrayValue.Values)
                {
                    WriteValue(json, item);
                }

                json.WriteEndArray();
                break;
            case AnyValue.ValueOneofCase.KvlistValue:
                WriteObject(json, value.KvlistValue.Values);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}
