using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Contracts;

namespace OrderFlow.Cli.Chaos;

/// <summary>The customers' side: takes every notification and enters it into the ledger.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app, string secret) => (_app, Secret) = (app, secret);

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What the notifications are signed with.</summary>
    public string Secret { get; }

    public static async Task<WebhookReceiver> StartAsync(CustomerLedger ledger)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/", http => ReceiveAsync(http, ledger));
        await app.StartAsync();
        return new WebhookReceiver(app, RandomNumberGenerator.GetHexString(32));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task ReceiveAsync(HttpContext http, CustomerLedger ledger)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var orderId = body.RootElement.GetProperty("orderId").GetString() ?? "";
        var kind = body.RootElement.GetProperty("kind").GetString() ?? "";
        // An answer that is not 2xx makes the service send again; a request without an id is no notification of OrderFlow's.
        if (!Guid.TryParse(http.Request.Headers[HttpHeaders.NotificationId], out var id))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        ledger.Notified(id, orderId, kind);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
