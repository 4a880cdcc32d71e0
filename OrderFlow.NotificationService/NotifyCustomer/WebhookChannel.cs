using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Tells the customer by a POST of JSON that is signed: <c>X-OrderFlow-Signature: t=&lt;Unix seconds&gt;,v1=&lt;hex&gt;</c>, where v1
/// is HMAC-SHA256 over the time, a dot and the body. The receiver refuses what is older than its patience, so that nobody can send a
/// copy later, and finds repetitions by <c>X-OrderFlow-Notification-Id</c>.
/// </summary>
internal sealed class WebhookChannel(HttpClient http, IOptions<NotificationOptions> options, TimeProvider time) : ICustomerChannel
{
    public const string SignatureHeader = "X-OrderFlow-Signature";
    public const string IdHeader = "X-OrderFlow-Notification-Id";

    private readonly WebhookOptions _options = options.Value.Webhook;

    public string Name => "webhook";

    public bool ReachesOutside => true;

    public async Task TellAsync(CustomerMessage message, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, NotificationJson.Default.CustomerMessage);
        for (var attempt = 1; ; attempt++)
        {
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
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        request.Headers.Add(SignatureHeader, WebhookSignature.Of(Encoding.UTF8.GetBytes(_options.Secret), time.GetUtcNow(), body));
        request.Headers.Add(IdHeader, id.ToString());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new HttpRequestException(
                    string.Create(CultureInfo.InvariantCulture, $"The webhook {_options.Url} answered {(int)response.StatusCode}; it must answer 2xx."), inner: null, response.StatusCode);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The webhook {_options.Url} did not answer within {_options.Timeout.TotalSeconds:0.#} s.", exception);
        }
    }
}
