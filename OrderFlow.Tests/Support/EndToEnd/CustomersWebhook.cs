using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>Where customers are told by webhook: hears everybody, refuses whom the test says.</summary>
internal sealed class CustomersWebhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string UserId, string OrderId, string Kind)> _heard = new();
    private readonly ConcurrentDictionary<string, int> _refusals = new(StringComparer.Ordinal);

    private CustomersWebhook(WebApplication app) => _app = app;

    /// <summary>What makes NotificationService tell customers here.</summary>
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
        webhook._app.MapPost("/", webhook.HearAsync);
        await webhook._app.StartAsync();
        return webhook;
    }

    /// <summary>Answers 503 to the next so many calls about the user's orders.</summary>
    public void Refuse(string userId, int calls) => _refusals[userId] = calls;

    /// <summary>What a user was told: the order and how it ended, in the order heard.</summary>
    public IReadOnlyList<(string OrderId, string Kind)> ToldTo(string userId) =>
        [.. _heard.Where(one => one.UserId == userId).Select(one => (one.OrderId, one.Kind))];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HearAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var userId = body.RootElement.GetProperty("userId").GetString()!;
        if (_refusals.AddOrUpdate(userId, -1, (_, left) => left - 1) >= 0)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        _heard.Enqueue((userId, body.RootElement.GetProperty("orderId").GetString()!, body.RootElement.GetProperty("kind").GetString()!));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
