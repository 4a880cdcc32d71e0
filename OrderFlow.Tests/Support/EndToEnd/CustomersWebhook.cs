using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>
/// The webhook to which NotificationService sends: records every notification, and refuses those of users that a test names.
/// </summary>
internal sealed class CustomersWebhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string UserId, string OrderId, string Kind)> _received = new();
    private readonly ConcurrentDictionary<string, int> _refusals = new(StringComparer.Ordinal);

    private CustomersWebhook(WebApplication app) => _app = app;

    /// <summary>The settings that make NotificationService send here.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Notification__Channel"] = "Webhook",
        ["Notification__Webhook__Url"] = _app.Urls.Single(),
        ["Notification__Webhook__Secret"] = "known to both sides alone",
    };

    public static async Task<CustomersWebhook> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var webhook = new CustomersWebhook(builder.Build());
        webhook._app.Urls.Add("http://127.0.0.1:0");
        webhook._app.MapPost("/", webhook.ReceiveAsync);
        await webhook._app.StartAsync();
        return webhook;
    }

    /// <summary>Answers 503 to the next so many calls about the user's orders.</summary>
    public void Refuse(string userId, int calls) => _refusals[userId] = calls;

    /// <summary>The notifications of a user, the order and how it ended, as they arrived.</summary>
    public IReadOnlyList<(string OrderId, string Kind)> NotificationsOf(string userId) =>
        [.. _received.Where(one => one.UserId == userId).Select(one => (one.OrderId, one.Kind))];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var userId = body.RootElement.GetProperty("userId").GetString()!;
        if (_refusals.AddOrUpdate(userId, -1, (_, left) => left - 1) >= 0)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        _received.Enqueue(
            (userId, body.RootElement.GetProperty("orderId").GetString()!, body.RootElement.GetProperty("kind").GetString()!));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
