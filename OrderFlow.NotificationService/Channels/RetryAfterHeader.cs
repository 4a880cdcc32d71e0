using System.Globalization;
using System.Net.Http.Headers;

namespace OrderFlow.NotificationService.Channels;

/// <summary>Reads the header <c>Retry-After</c> of an answer (RFC 9110, 10.2.3): seconds, or a date.</summary>
internal static class RetryAfterHeader
{
    private const string Name = "Retry-After";

    /// <summary>How long the answer asks to wait; <see langword="null"/> when it does not ask, or in no known form.</summary>
    /// <param name="headers">Those of the answer.</param>
    /// <param name="now">Stands in for the answer's own <c>Date</c>, by whose clock its dates are.</param>
    /// <param name="longest">What a longer wait counts as.</param>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now, TimeSpan longest)
    {
        if (!headers.NonValidated.TryGetValues(Name, out var values))
        {
            return null;
        }

        var text = values.ToString().Trim();
        if (text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            // Of so many digits that they are no number, it is long all the same.
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < longest.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : longest;
        }

        if (headers.RetryAfter?.Date is not { } date)
        {
            return null;
        }

        var wait = date - (headers.Date ?? now);
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < longest ? wait : longest;
    }
}
