using System.Text;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>Reads the contract's values out of properties and headers of any type, and remembers the first that is wrong.</summary>
public struct PropertyReader(IReadOnlyBasicProperties properties)
{
    /// <summary>What the contract allows for a header's text, in bytes of UTF-8.</summary>
    public const int LongestHeader = 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly IDictionary<string, object?>? _headers = properties.Headers;

    /// <summary>The first property or header that was missing or wrong; <see langword="null"/> while there is none.</summary>
    public PropertyProblem? Problem { get; private set; }

    public string Required(string? value, string name)
    {
        if (string.IsNullOrEmpty(value))
        {
            Missing(name);
            return "";
        }

        // Text that was no UTF-8 grows when it is read, and would not fit the next event's property.
        return value.Length * 3 <= byte.MaxValue || Encoding.UTF8.GetByteCount(value) <= byte.MaxValue
            ? value
            : Invalid<string>(name, "no UTF-8 text of at most 255 bytes") ?? "";
    }

    public Guid RequiredGuid(string? value, string name) =>
        Guid.TryParse(Required(value, name), out var id) ? id : Invalid<Guid>(name, "no UUID");

    public Guid? OptionalGuid(string name) =>
        Text(name) is not { } value ? null : Guid.TryParse(value, out var id) ? id : Invalid<Guid?>(name, "no UUID");

    public string? Text(string name)
    {
        switch (Value(name))
        {
            case null:
                return null;
            case byte[] { Length: > LongestHeader } bytes:
                return Invalid<string>(name, $"{bytes.Length} bytes long, at most {LongestHeader} are allowed");
            case byte[] bytes:
                try
                {
                    return StrictUtf8.GetString(bytes);
                }
                catch (DecoderFallbackException)
                {
                    return Invalid<string>(name, "no UTF-8 text");
                }

            case var other:
                return Invalid<string>(name, $"no text but {other.GetType().Name}");
        }
    }

    public long WholeNumber(string name, long least, long most, long? absent)
    {
        var given = Value(name);
        if (given is null && absent is { } instead)
        {
            return instead;
        }

        long? number = given switch
        {
            null => Missing(name),
            long value => value,
            int value => value,
            uint value => value,
            short value => value,
            ushort value => value,
            byte value => value,
            sbyte value => value,
            _ => null,
        };
        return number is { } found && (Problem is not null || (found >= least && found <= most))
            ? found
            : Invalid<long>(name, number is null ? "no whole number" : $"{number}, outside {least} to {most}");
    }

    public bool Flag(string name) => Value(name) switch
    {
        null => false,
        bool value => value,
        _ => Invalid<bool>(name, "neither true nor false"),
    };

    public FlowAttempt FlowAttempt(string name) => Text(name) switch
    {
        null => default,
        "retried" => Envelope.FlowAttempt.Retried,
        "replayed" => Envelope.FlowAttempt.Replayed,
        _ => Invalid<FlowAttempt>(name, "neither retried nor replayed"),
    };

    private readonly object? Value(string name) => _headers?.TryGetValue(name, out var value) == true ? value : null;

    private long Missing(string name)
    {
        Problem ??= new PropertyProblem(DeadLetterReasons.MissingHeader, $"{name} is missing");
        return 0;
    }

    private T? Invalid<T>(string name, string what)
    {
        Problem ??= new PropertyProblem(DeadLetterReasons.InvalidHeader, $"{name} is {what}");
        return default;
    }
}

/// <summary>A property or header that breaks the message contract.</summary>
/// <param name="Reason">One of <see cref="DeadLetterReasons"/>.</param>
/// <param name="Detail">Which one, and what is wrong with it.</param>
public readonly record struct PropertyProblem(string Reason, string Detail);
