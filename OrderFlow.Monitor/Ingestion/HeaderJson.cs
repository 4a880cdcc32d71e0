using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>AMQP headers as JSON that PostgreSQL takes, whatever they hold.</summary>
internal static class HeaderJson
{
    private static readonly FrozenSet<string> WithColumn = FrozenSet.Create(
        StringComparer.Ordinal,
        HeaderNames.CausationId, HeaderNames.OriginTimestamp, HeaderNames.PublishedAt, HeaderNames.EventVersion, HeaderNames.AggregateId,
        HeaderNames.TenantId, HeaderNames.UserId, HeaderNames.Flow, HeaderNames.Attempt, HeaderNames.Replayed, HeaderNames.FlowAttempt,
        HeaderNames.TraceParent);

    /// <summary>Tables within tables that are written; what is deeper nobody reads.</summary>
    private const int Deepest = 16;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The headers that have no column of their own; <see langword="null"/> when there are none.</summary>
    public static string? WriteRest(IReadOnlyDictionary<string, object?> headers)
    {
        var any = false;
        foreach (var (name, _) in headers)
        {
            any |= !WithColumn.Contains(name);
        }

        return any ? Write(headers.Where(header => !WithColumn.Contains(header.Key))) : null;
    }

    /// <summary>The text of a header in what <see cref="WriteRest"/> has written; <see langword="null"/> when it is not there.</summary>
    public static string? TextOf(string? headers, string name)
    {
        if (headers is null)
        {
            return null;
        }

        using var json = JsonDocument.Parse(headers, new JsonDocumentOptions { MaxDepth = 64 });
        return json.RootElement.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;
    }

    public static string Write(IEnumerable<KeyValuePair<string, object?>> headers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            WriteObject(json, headers, depth: 0);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteObject(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> entries, int depth)
    {
        json.WriteStartObject();
        foreach (var (name, value) in entries)
        {
            json.WritePropertyName(Clean(name));
            WriteValue(json, value, depth + 1);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value, int depth)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case byte or sbyte or short or ushort or int or uint or long: json.WriteNumberValue(Convert.ToInt64(value)); break;
            case ulong number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case float or double when double.IsFinite(Convert.ToDouble(value)): json.WriteNumberValue(Convert.ToDouble(value)); break;
            case byte[] bytes: json.WriteStringValue(TextOf(bytes)); break;
            case string text: json.WriteStringValue(Clean(text)); break;
            case AmqpTimestamp at: json.WriteNumberValue(at.UnixTime); break;
            case BinaryTableValue binary: json.WriteStringValue(Convert.ToBase64String(binary.Bytes ?? [])); break;
            case not null when depth > Deepest: json.WriteStringValue("…"); break;
            case IDictionary<string, object?> table: WriteObject(json, table, depth); break;
            case System.Collections.IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list)
                {
                    WriteValue(json, item, depth + 1);
                }

                json.WriteEndArray();
                break;
            default: json.WriteStringValue(Clean(value.ToString() ?? "")); break;
        }
    }

    /// <summary>The text that the bytes are, or else their base64.</summary>
    private static string TextOf(byte[] bytes)
    {
        try
        {
            return Clean(StrictUtf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return Convert.ToBase64String(bytes);
        }
    }

    /// <summary>PostgreSQL's text and jsonb know every character but NUL, and no half ones.</summary>
    public static string Clean(string text) => TextCut.Storable(text);
}
