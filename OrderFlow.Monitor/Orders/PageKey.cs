using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrderFlow.Monitor.Orders;

/// <summary>The last order of a page: the next page begins after it, whatever was added meanwhile.</summary>
internal sealed record PageKey(DateTimeOffset StartedAt, string CorrelationId, string AggregateId)
{
    private const char Separator = '\n';

    public static PageKey Of(OrderSummary order) => new(order.StartedAt, order.CorrelationId, order.OrderId);

    public static PageKey? Parse(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(Separator)
                    is [var ticks, var correlationId, var aggregateId]
                && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                && at <= DateTimeOffset.MaxValue.UtcTicks
                && !correlationId.Contains('\0', StringComparison.Ordinal) && !aggregateId.Contains('\0', StringComparison.Ordinal)
                ? new PageKey(new DateTimeOffset(at, TimeSpan.Zero), Unescape(correlationId), Unescape(aggregateId))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() =>
        Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(
                $"{StartedAt.UtcTicks}{Separator}{Uri.EscapeDataString(CorrelationId)}{Separator}{Uri.EscapeDataString(AggregateId)}"));

    private static string Unescape(string text) => Uri.UnescapeDataString(text);
}
