using System.Text.Json;
using Google.Protobuf.Collections;
using OrderFlow.Contracts;
using OrderFlow.ServiceDefaults.Json;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Reads the field <c>items</c>. The same item may stand in several lines.</summary>
internal static class OrderLines
{
    public static void Read(ref Utf8JsonReader json, RepeatedField<OrderLine> lines, int maxItems, OrderErrors errors)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            errors.Add("items", $"must be an array of items; it is {JsonFields.Kind(ref json)}");
            json.Skip();
            return;
        }

        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            // Beyond the limit items are only counted: the answer's size must not follow the request's.
            if (count < maxItems)
            {
                lines.Add(ReadLine(ref json, count, errors));
            }
            else
            {
                json.Skip();
            }

            count++;
        }

        if (count == 0)
        {
            errors.Add("items", "must hold at least one item");
        }
        else if (count > maxItems)
        {
            errors.Add("items", $"must hold at most {maxItems} items; there are {count}");
        }
    }

    private static OrderLine ReadLine(ref Utf8JsonReader json, int index, OrderErrors errors)
    {
        var line = new OrderLine();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            errors.Add(new FieldPath(null, index), $"must be an object with id and quantity; it is {JsonFields.Kind(ref json)}");
            json.Skip();
            return line;
        }

        var seen = LineFields.None;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(ref json);
            json.Read();
            if (field != LineFields.None && seen.HasFlag(field))
            {
                errors.Add(PathOf(index, field), "is given more than once");
                json.Skip();
                continue;
            }

            seen |= field;
            ReadField(ref json, field, line, PathOf(index, field), errors);
        }

        foreach (var required in (ReadOnlySpan<LineFields>)[LineFields.Id, LineFields.Quantity])
        {
            if (!seen.HasFlag(required))
            {
                errors.Add(PathOf(index, required), "is required");
            }
        }

        return line;
    }

    private static void ReadField(ref Utf8JsonReader json, LineFields field, OrderLine line, FieldPath path, OrderErrors errors)
    {
        switch (field)
        {
            case LineFields.Id:
                line.ItemId = JsonFields.ReadText(ref json, path, OrderRules.MaxItemIdLength, errors) ?? "";
                break;
            case LineFields.Quantity:
                line.Quantity = ReadQuantity(ref json, path, errors);
                break;
            case LineFields.UnitPrice when json.TokenType != JsonTokenType.Null:
                line.UnitPrice = ReadPrice(ref json, path, errors);
                break;
            default:
                json.Skip();
                break;
        }
    }

    private static int ReadQuantity(ref Utf8JsonReader json, FieldPath path, OrderErrors errors)
    {
        if (json.TokenType == JsonTokenType.Number && JsonNumber.TryReadInteger(json.ValueSpan, out var quantity)
            && quantity is >= OrderRules.MinQuantity and <= OrderRules.MaxQuantity)
        {
            return (int)quantity;
        }

        errors.Add(
            path, $"must be a whole number from {OrderRules.MinQuantity} to {OrderRules.MaxQuantity}; it is {JsonFields.Shown(ref json)}");
        json.Skip();
        return 0;
    }

    private static Money? ReadPrice(ref Utf8JsonReader json, FieldPath path, OrderErrors errors)
    {
        if (json.TokenType == JsonTokenType.Number && Price.TryRead(json.ValueSpan, out var price))
        {
            return price.ToMoney(currency: "");
        }

        errors.Add(path, $"{Price.Rule}; it is {JsonFields.Shown(ref json)}");
        json.Skip();
        return null;
    }

    private static LineFields FieldOf(ref Utf8JsonReader json) =>
        JsonFields.NameIs(ref json, "id"u8) ? LineFields.Id
        : JsonFields.NameIs(ref json, "quantity"u8) ? LineFields.Quantity
        : JsonFields.NameIs(ref json, "unitPrice"u8) ? LineFields.UnitPrice
        : LineFields.None;

    private static FieldPath PathOf(int index, LineFields field) => new(
        field switch
        {
            LineFields.Id => "id",
            LineFields.Quantity => "quantity",
            _ => "unitPrice",
        },
        index);

    [Flags]
    private enum LineFields
    {
        None = 0,
        Id = 1,
        Quantity = 2,
        UnitPrice = 4,
    }
}
