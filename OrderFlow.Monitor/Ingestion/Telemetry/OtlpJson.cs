using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.ServiceDefaults.Json;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// OTLP in JSON (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): protobuf's mapping, but with ids in hexadecimal and enums as
/// numbers. A span or log record that is not what the protocol says is left out and counted; around it nothing is lost.
/// </summary>
internal sealed class OtlpJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 256 };
    private static readonly ConcurrentDictionary<MessageDescriptor, Dictionary<string, FieldDescriptor>> Known = new();

    private int _unreadable;

    /// <returns>The request, and how many of its spans or log records could not be read.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">It is no such request.</exception>
    public static (T Request, int Unreadable) Read<T>(ReadOnlyMemory<byte> body)
        where T : IMessage, new()
    {
        var request = new T();
        var reader = new OtlpJson();
        // An empty request has nothing, in protobuf not even a byte.
        if (!body.IsEmpty)
        {
            using var document = JsonDocument.Parse(body, Options);
            reader.Fill(request, document.RootElement);
        }

        return (request, reader._unreadable);
    }

    private void Fill(IMessage message, JsonElement json)
    {
        Expect(json, JsonValueKind.Object);
        var fields = Known.GetOrAdd(
            message.Descriptor,
            descriptor => descriptor.Fields.InDeclarationOrder().ToDictionary(field => field.JsonName, StringComparer.Ordinal));
        foreach (var property in json.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null || !fields.TryGetValue(NameOf(property), out var field))
            {
                continue;
            }

            if (field.IsRepeated)
            {
                Expect(property.Value, JsonValueKind.Array);
                AddAll((IList)field.Accessor.GetValue(message), field, property.Value);
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, property.Value));
            }
        }
    }

    private void AddAll(IList list, FieldDescriptor field, JsonElement array)
    {
        var alone = field.FieldType == FieldType.Message
            && (field.MessageType == Span.Descriptor || field.MessageType == LogRecord.Descriptor);
        foreach (var item in array.EnumerateArray())
        {
            try
            {
                list.Add(Value(field, item));
            }
            catch (FormatException) when (alone)
            {
                _unreadable++;
            }
        }
    }

    private object Value(FieldDescriptor field, JsonElement json) => field.FieldType switch
    {
        FieldType.Message => Message(field.MessageType, json),
        FieldType.String => Text(json),
        FieldType.Bytes =>
            ByteString.CopyFrom(
                field.Name.EndsWith("_id", StringComparison.Ordinal) ? Convert.FromHexString(Text(json)) : Base64(Text(json))),
        FieldType.Bool => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw Unlike(json),
        FieldType.Int32 => (int)Integer(json, int.MinValue, int.MaxValue),
        FieldType.Int64 => (long)Integer(json, long.MinValue, long.MaxValue),
        FieldType.Fixed64 => (ulong)Integer(json, ulong.MinValue, ulong.MaxValue),
        FieldType.Double => Double(json),
        var other => throw new NotSupportedException($"The messages of OTLP that are read have no field of type {other}."),
    };

    private IMessage Message(MessageDescriptor type, JsonElement json)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        Fill(message, json);
        return message;
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Escaped half of a surrogate pair: no field is named so, and unknown fields are skipped.
            return "";
        }
    }

    private static string Text(JsonElement json)
    {
        Expect(json, JsonValueKind.String);
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("A string has half a surrogate pair, or is no UTF-8.", exception);
        }
    }

    /// <summary>A number, or one in a string.</summary>
    private static decimal Integer(JsonElement json, decimal least, decimal most) =>
        JsonNumber.TryReadDecimal(Number(json), maxDecimals: 0, out var value) && value >= least && value <= most
            ? value
            : throw Unlike(json);

    private static double Double(JsonElement json) => json.ValueKind == JsonValueKind.Number
        ? json.GetDouble()
        : Text(json) switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text when double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) => value,
            _ => throw Unlike(json),
        };

    private static ReadOnlySpan<byte> Number(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number => JsonMarshal.GetRawUtf8Value(json),
        JsonValueKind.String => JsonMarshal.GetRawUtf8Value(json)[1..^1],
        _ => throw Unlike(json),
    };

    /// <summary>In either alphabet, with or without the padding.</summary>
    private static byte[] Base64(string text) =>
        System.Buffers.Text.Base64Url.DecodeFromChars(text.TrimEnd('=').Replace('+', '-').Replace('/', '_'));

    private static void Expect(JsonElement json, JsonValueKind kind)
    {
        if (json.ValueKind != kind)
        {
            throw new FormatException($"{kind} is expected where there is {json.ValueKind}.");
        }
    }

    private static FormatException Unlike(JsonElement json) => new($"The {json.ValueKind} has another form than the protocol says.");
}
