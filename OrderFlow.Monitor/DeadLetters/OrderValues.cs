using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Monitor.Ingestion;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>What orders are worth: as the dead letter itself says, or else as the last stored event of the order that says it.</summary>
internal sealed class OrderValues(ChunkReader chunks)
{
    /// <summary>Orders that are looked up at once.</summary>
    public const int Most = 10_000;

    private static readonly string[] WithAmount =
        [.. EventCatalog.WireTypes.Where(type => type.Value.Fields.InDeclarationOrder().Any(IsAmount)).Select(type => type.Key)];

    /// <summary>The amount in an event; <see langword="null"/> when it has none, or cannot be read.</summary>
    public static CurrencyAmount? Of(string? wireType, long version, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty
            || wireType is null
            || !WithAmount.Contains(wireType, StringComparer.Ordinal)
            || EventCatalog.Versions[wireType] != version)
        {
            return null;
        }

        try
        {
            var type = EventCatalog.WireTypes[wireType];
            var @event = type.Parser.ParseFrom(body);
            return type.Fields.InDeclarationOrder()
                .Where(IsAmount)
                .Select(field => field.Accessor.GetValue(@event))
                .OfType<Money>()
                .FirstOrDefault() is { } money
                && IsCurrency(money.CurrencyCode)
                ? new CurrencyAmount(money.CurrencyCode, money.ToDecimal())
                : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>The values of those orders that are known.</summary>
    public async Task<IReadOnlyDictionary<string, CurrencyAmount>> ReadAsync(
        IEnumerable<string> orders, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, CurrencyAmount>(StringComparer.Ordinal);
        var asked = orders.Where(order => !order.Contains('\0', StringComparison.Ordinal)).Take(Most).ToArray();
        if (asked.Length == 0)
        {
            return values;
        }

        var orderSet = asked.ToHashSet(StringComparer.Ordinal);
        var events = await chunks.OfFlowsAsync(
            FlowColumn.Order, asked,
            one => one.AggregateId is { } order && orderSet.Contains(order) && WithAmount.Contains(one.WireType, StringComparer.Ordinal),
            cancellationToken);
        foreach (var (one, _) in events)
        {
            if (Of(one.WireType, one.Version, one.Body.Span) is { } value)
            {
                values[one.AggregateId!] = value;
            }
        }

        return values;
    }

    private static bool IsAmount(Google.Protobuf.Reflection.FieldDescriptor field) =>
        field is { FieldType: Google.Protobuf.Reflection.FieldType.Message, IsRepeated: false } && field.MessageType == Money.Descriptor;

    /// <summary>Garbage may hold anything.</summary>
    private static bool IsCurrency(string code) => code.Length == 3 && code.All(char.IsAsciiLetterUpper);
}
