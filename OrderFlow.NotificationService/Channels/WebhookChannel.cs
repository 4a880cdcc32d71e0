using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.NotificationService.Channels;

/// <summary>
/// Sends the notification as a signed POST of JSON: <c>X-OrderFlow-Signature: t=&lt;Unix seconds&gt;,v1=&lt;hex&gt;</c>, where v1
/// is HMAC-SHA256 over the time, a dot and the body. The receiver refuses what is older than its patience, so that nobody can send a
/// copy later, and finds repetitions by <c>X-OrderFlow-Notification-Id</c>.
/// </summary>
/// <remarks>
/// What an answer means says <see cref="WebhookAnswer"/>. While a receiver wants to be left alone, no notification is sent to it; after
/// 410 none ever again.
/// </remarks>
internal sealed class WebhookChannel(HttpClient http, GoneWebhooks gone, IOptions<NotificationOptions> options, TimeProvider time)
    : ICustomerChannel
{
    private readonly WebhookOptions _options = options.Value.Webhook;
    private readonly EndpointPause _pause = new(time);

    public string Name => "webhook";

    public bool ReachesOutside => true;

    /// <summary>What sends. Answers are read no further than their headers: a body is of no use here, however long it is.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        // Connections are renewed, so that a receiver that moves is found.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        AllowAutoRedirect = false,
        UseCookies = false,
        // A short rest is read, so that the connection can be used again; with a longer one it is closed.
        MaxResponseDrainSize = 16 * 1024,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
    };

    public async Task SendAsync(CustomerMessage message, CancellationToken cancellationToken)
    {
        if (await gone.SinceAsync(_options.Url!, cancellationToken) is { } since)
        {
            throw new PermanentFailureException(
                $"The webhook {_options.Url} is gone: it answered 410 at {since:u}, and nothing is sent to it since. "
                + "Set another Notification:Webhook:Url, or delete its row in gone_webhooks, and replay this dead letter.");
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(message, NotificationJson.Default.CustomerMessage);
        for (var attempt = 1; ; attempt++)
        {
            if (_pause.Left is var left && left > TimeSpan.Zero)
            {
                throw new RetryAfterException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The webhook {_options.Url} has asked to be left alone (Retry-After) "
                        + $"and is not asked for another {left.TotalSeconds:0} s."),
                    left)
                {
                    UsesUpRetry = attempt > 1,
                };
            }

            try
            {
                await PostAsync(message.Id, body, cancellationToken);
                return;
            }
            catch (Exception exception) when (attempt < _options.Attempts && exception is HttpRequestException or TimeoutException)
            {
                await Task.Delay(_options.RetryDelay * attempt, time, cancellationToken);
            }
        }
    }

    private async Task PostAsync(Guid id, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(MediaTypeNames.Application.Json);
        request.Headers.Add(
            HttpHeaders.WebhookSignature, WebhookSignature.Of(Encoding.UTF8.GetBytes(_options.Secret), time.GetUtcNow(), body));
        request.Headers.Add(HttpHeaders.NotificationId, id.ToString());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw await FailAsync(id, response);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The webhook {_options.Url} did not answer within {_options.Timeout.TotalSeconds:0.#} s.", exception);
        }
    }

    private async Task<Exception> FailAsync(Guid id, HttpResponseMessage response)
    {
        var failure =
            WebhookAnswer.Judge(
                _options.Url!, response.StatusCode, RetryAfterHeader.Read(response.Headers, time.GetUtcNow(), _options.LongestPause));
        if (failure is RetryAfterException { Delay: var delay })
        {
            _pause.Begin(delay);
        }
        else if (response.StatusCode == HttpStatusCode.Gone)
        {
            await gone.AddAsync(_options.Url!, id);
        }

        return failure;
    }
}
