using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Reads an order from JSON in one pass and collects everything that is wrong with it.</summary>
internal sealed class OrderReader(IOptions<PlaceOrderOptions> options)
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 32 };

    private readonly PlaceOrderOptions _options = options.Value;

    /// <summary>The order, without its id. What it holds is only meaningful when no error was added.</summary>
    public OrderCreated Read(ReadOnlySpan<byte> body, OrderErrors errors)
    {
        var order = new OrderCreated();
        if (body.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        if (body.IsEmpty)
        {
            errors.CannotRead("The body is empty; it must be a JSON object with items and userId.");
        }
        else if (!Utf8.IsValid(body))
        {
            errors.CannotRead("The body is not valid UTF-8.");
        }
        else
        {
            try
            {
                ReadBody(body, order, errors);
            }
            catch (JsonException exception)
            {
                errors.CannotRead(
                    $"The body is not valid JSON at line {exception.LineNumber + 1}, "
                    + $"byte {exception.BytePositionInLine + 1}, or nests deeper than {Strict.MaxDepth} levels.");
            }
        }

        return order;
    }

    private void ReadBody(ReadOnlySpan<byte> body, OrderCreated order, OrderErrors errors)
    {
        var json = new Utf8JsonReader(body, Strict);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            var kind = JsonFields.Kind(ref json);
            json.Skip();
            json.Read();
            errors.CannotRead($"The body must be a JSON object; it is {kind}.");
            return;
        }

        ReadOrder(ref json, order, errors);

        // Only now is it certain that nothing follows the object.
        json.Read();
    }

    private void ReadOrder(ref Utf8JsonReader json, OrderCreated order, OrderErrors errors)
    {
        var seen = OrderFields.None;
        string? currency = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(ref json);
            if (field == OrderFields.None)
            {
                json.Skip();
                continue;
            }

            var name = NameOf(field);
            json.Read();
            if (seen.HasFlag(field))
            {
                errors.Add(name, "is given more than once");
                json.Skip();
                continue;
            }

            seen |= field;
            switch (field)
            {
                case OrderFields.Items:
                    OrderLines.Read(ref json, order.Lines, _options.MaxItems, errors);
                    break;
                case OrderFields.UserId:
                    order.UserId = JsonFields.ReadText(ref json, name, OrderRules.MaxUserIdLength, errors) ?? "";
                    break;
                case OrderFields.Currency when json.TokenType != JsonTokenType.Null:
                    currency = ReadCurrency(ref json, name, errors);
                    break;
                case OrderFields.Email when json.TokenType != JsonTokenType.Null:
                    order.Email = ReadEmail(ref json, name, errors);
                    break;
            }
        }

        foreach (var required in (ReadOnlySpan<OrderFields>)[OrderFields.Items, OrderFields.UserId])
        {
            if (!seen.HasFlag(required))
            {
                errors.Add(NameOf(required), "is required");
            }
        }

        SetCurrency(order, currency ?? _options.DefaultCurrency);
    }

    private static string? ReadCurrency(ref Utf8JsonReader json, string name, OrderErrors errors)
    {
        if (json.TokenType == JsonTokenType.String && json.ValueSpan.Length == 3 && !json.ValueIsEscaped
            && json.GetString() is { } code && Currencies.Contains(code))
        {
            return code;
        }

        errors.Add(name, "must be the code of a currency as ISO 4217 lists it, such as EUR");
        json.Skip();
        return null;
    }

    private static string ReadEmail(ref Utf8JsonReader json, string name, OrderErrors errors)
    {
        var text = JsonFields.ReadText(ref json, name, EmailAddress.MaxLength, errors);
        if (text is not null && !EmailAddress.IsPlausible(text))
        {
            errors.Add(name, "must be an e-mail address such as name@example.org");
        }

        return text ?? "";
    }

    private static void SetCurrency(OrderCreated order, string currency)
    {
        decimal total = 0;
        var priced = false;
        foreach (var line in order.Lines)
        {
            if (line.UnitPrice is { } price)
            {
                price.CurrencyCode = currency;
                total += price.ToDecimal() * line.Quantity;
                priced = true;
            }
        }

        if (priced)
        {
            order.Total = total.ToMoney(currency);
        }
    }

    private static OrderFields FieldOf(ref Utf8JsonReader json) =>
        JsonFields.NameIs(ref json, "items"u8) ? OrderFields.Items
        : JsonFields.NameIs(ref json, "userId"u8) ? OrderFields.UserId
        : JsonFields.NameIs(ref json, "currency"u8) ? OrderFields.Currency
        : JsonFields.NameIs(ref json, "email"u8) ? OrderFields.Email
        : OrderFields.None;

    private static string NameOf(OrderFields field) => field switch
    {
        OrderFields.Items => "items",
        OrderFields.UserId => "userId",
        OrderFields.Currency => "currency",
        _ => "email",
    };

    [Flags]
    private enum OrderFields
    {
        None = 0,
        Items = 1,
        UserId = 2,
        Currency = 4,
        Email = 8,
    }
}
