using System.Buffers;
using System.Collections;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>A message's properties as another message can carry them.</summary>
public static class MessageCopy
{
    /// <summary>Bytes of UTF-8.</summary>
    private const int LongestText = 1024;

    /// <summary>
    /// A header frame must fit the frame size agreed with the broker, 128 KiB by default; some is left for the frame itself.
    /// </summary>
    private const int LargestHeaders = 120 * 1024;

    /// <summary>
    /// The client writes tables and arrays by recursion: a header nested deep enough would end the process with its stack.
    /// </summary>
    private const int DeepestNesting = 32;

    /// <summary>
    /// The properties without what the broker would act on: that would send the copy elsewhere, let it expire, or get the whole channel
    /// closed.
    /// What no client could write is replaced by a remark.
    /// </summary>
    public static BasicProperties Of(IReadOnlyBasicProperties original)
    {
        ArgumentNullException.ThrowIfNull(original);
        var properties = new BasicProperties(original)
        {
            DeliveryMode = DeliveryModes.Persistent,
            Headers = original.Headers is { } given ? new Dictionary<string, object?>(given, StringComparer.Ordinal) : [],
        };
        foreach (var (name, value) in properties.Headers.ToList())
        {
            if (IsTooDeep(value, DeepestNesting))
            {
                properties.Headers[name] = $"(removed: nested deeper than {DeepestNesting} levels)";
            }
        }

        foreach (var name in new[] { HeaderNames.CarbonCopy, HeaderNames.BlindCarbonCopy })
        {
            if (properties.Headers.Remove(name, out var keys))
            {
                properties.Headers[HeaderNames.OriginalPrefix + name] = keys;
            }
        }

        if (properties.Expiration is { } expiration)
        {
            properties.Headers[HeaderNames.OriginalPrefix + "expiration"] = expiration;
            properties.ClearExpiration();
        }

        if (properties.UserId is { } user)
        {
            properties.Headers[HeaderNames.OriginalPrefix + "user-id"] = user;
            properties.ClearUserId();
        }

        return properties;
    }

    public static string Shorten(string text) => TextCut.ToBytes(text, LongestText, "…");

    private static bool IsTooDeep(object? value, int levels) => value switch
    {
        string or byte[] => false,
        _ when levels == 0 => value is IEnumerable,
        IDictionary<string, object?> table => table.Values.Any(entry => IsTooDeep(entry, levels - 1)),
        IEnumerable list => list.Cast<object?>().Any(entry => IsTooDeep(entry, levels - 1)),
        _ => false,
    };

    /// <summary>Why no client can write it; <see langword="null"/> when one can.</summary>
    public static string? WhyUnwritable(BasicProperties properties)
    {
        byte[]? trial = null;
        try
        {
            IAmqpWriteable writeable = properties;
            var size = writeable.GetRequiredBufferSize();
            if (size > LargestHeaders)
            {
                return $"its headers with the reason take {size} bytes";
            }

            // Text that was no UTF-8 grows when it is read, and then may exceed what AMQP allows.
            trial = ArrayPool<byte>.Shared.Rent(size);
            writeable.WriteTo(trial);
            return null;
        }
        catch (Exception exception) when (
            exception is ArgumentException or RabbitMQ.Client.Exceptions.WireFormattingException
                or OverflowException or InvalidOperationException)
        {
            return exception.Message;
        }
        finally
        {
            if (trial is not null)
            {
                ArrayPool<byte>.Shared.Return(trial);
            }
        }
    }
}
