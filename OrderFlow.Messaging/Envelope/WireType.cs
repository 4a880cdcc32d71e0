using System.Text.RegularExpressions;

namespace OrderFlow.Messaging.Envelope;

/// <summary>The name of an event on the wire, such as <c>order.created</c>, and what follows from it.</summary>
public static partial class WireType
{
    /// <summary>The exchange of the wire type's domain: <c>order.created</c> goes to <c>order.events</c>.</summary>
    public static string ExchangeOf(string wireType) => $"{wireType[..wireType.IndexOf('.', StringComparison.Ordinal)]}.events";

    internal static void Validate(string wireType)
    {
        if (wireType.Length > 127 || !Pattern().IsMatch(wireType))
        {
            throw new InvalidOperationException(
                $"'{wireType}' is no wire type: "
                + "write at least two lower-case segments joined by dots, such as 'order.created', in at most 127 characters.");
        }
    }

    [GeneratedRegex(
        "^[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
