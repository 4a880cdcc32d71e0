using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// A discarded message as JSON, with all that is needed to publish it again. Text headers are strings; bytes that are no UTF-8 are
/// <c>{"base64":…}</c>, so that nothing of them is lost.
/// </summary>
internal static class DiscardLine
{
    /// <summary>What is nested deeper is garbage, and the writer's own limit is 1000.</summary>
    private const int DeepestNesting = 500;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(Utf8JsonWriter json, BasicDeliverEventArgs message, DiscardedLetter letter)
    {
        json.WriteStartObject();
        json.WriteString("messageId", letter.MessageId);
        json.WriteString("reason", letter.Reason);
        json.WriteString("by", letter.By);
        json.WriteString("at", letter.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("run", letter.RunId);
        json.WriteString("service", letter.Service);
        json.WriteString("group", letter.Key.Id);
        WriteProperties(json, message.BasicProperties);
        json.WritePropertyName("headers");
        WriteValue(json, message.BasicProperties.Headers ?? new Dictionary<string, object?>(StringComparer.Ordinal));
        json.WriteBase64String("bodyBase64", message.Body.Span);
        json.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter json, IReadOnlyBasicProperties properties)
    {
        json.WriteStartObject("properties");
        WriteText("type", properties.Type);
        WriteText("correlationId", properties.CorrelationId);
        WriteText("appId", properties.AppId);
        WriteText("contentType", properties.ContentType);
        WriteText("contentEncoding", properties.ContentEncoding);
        WriteText("replyTo", properties.ReplyTo);
        WriteText("userId", properties.UserId);
        WriteText("expiration", properties.Expiration);
        if (properties.IsTimestampPresent())
        {
            json.WriteNumber("timestamp", properties.Timestamp.UnixTime);
        }

        if (properties.IsPriorityPresent())
        {
            json.WriteNumber("priority", properties.Priority);
        }

        json.WriteEndObject();

        void WriteText(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case IEnumerable and not (string or byte[]) when json.CurrentDepth > DeepestNesting:
                json.WriteStringValue($"(removed: nested deeper than {DeepestNesting} levels)");
                break;
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case byte[] bytes:
                WriteBytes(json, bytes);
                break;
            case BinaryTableValue binary:
                WriteBase64(json, binary.Bytes);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case AmqpTimestamp at:
                json.WriteNumberValue(at.UnixTime);
                break;
            case float number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case IDictionary<string, object?> table:
                json.WriteStartObject();
                foreach (var (name, entry) in table)
                {
                    json.WritePropertyName(name);
                    WriteValue(json, entry);
                }

                json.WriteEndObject();
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var entry in list)
                {
                    WriteValue(json, entry);
                }

                json.WriteEndArray();
                break;
            default:
                // What is left of AMQP's types are the smaller integers.
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteBytes(Utf8JsonWriter json, byte[] bytes)
    {
        try
        {
            json.WriteStringValue(Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            WriteBase64(json, bytes);
        }
    }

    private static void WriteBase64(Utf8JsonWriter json, byte[] bytes)
    {
        json.WriteStartObject();
        json.WriteBase64String("base64", bytes);
        json.WriteEndObject();
    }
}
