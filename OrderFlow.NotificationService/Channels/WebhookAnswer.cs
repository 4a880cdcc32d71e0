using System.Globalization;
using System.Net;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.NotificationService.Channels;

/// <summary>What an answer other than 2xx means for a notification.</summary>
internal static class WebhookAnswer
{
    /// <summary>The failure to throw: final, for later by <c>Retry-After</c>, or one that may pass soon.</summary>
    /// <param name="url">Who answered.</param>
    /// <param name="status">What it answered.</param>
    /// <param name="retryAfter">How long it asked to wait, if it did.</param>
    public static Exception Judge(Uri url, HttpStatusCode status, TimeSpan? retryAfter)
    {
        var answer = string.Create(CultureInfo.InvariantCulture, $"The webhook {url} answered {(int)status}");
        if (IsFinal(status))
        {
            return new PermanentFailureException(
                $"{answer}{Why(status)}; no retry helps. Replay this dead letter once the receiver takes it.");
        }

        return retryAfter is { } delay && delay > TimeSpan.Zero
            ? new RetryAfterException(
                string.Create(
                    CultureInfo.InvariantCulture, $"{answer} and asks to be left alone for {delay.TotalSeconds:0} s (Retry-After)."),
                        delay)
            : new HttpRequestException($"{answer}{Why(status)}; it must answer 2xx.", inner: null, status);
    }

    /// <summary>
    /// Whether the same request will be answered so again: RFC 9110 has 4xx as the sender's fault, but for the three that are about the
    /// moment. A redirect is never followed, because the signed body is for nobody but the configured address; one for good will not end,
    /// another may.
    /// </summary>
    private static bool IsFinal(HttpStatusCode status) => status switch
    {
        HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests => false,
        HttpStatusCode.MovedPermanently or HttpStatusCode.PermanentRedirect => true,
        _ => (int)status is >= 400 and < 500,
    };

    private static string Why(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Gone => " Gone: it wants no notifications any more, and gets none",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
            ", a redirect, which is not followed: set Notification:Webhook:Url to where it leads",
        _ => "",
    };
}
