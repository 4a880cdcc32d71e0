using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrderFlow.Tests.Support.Alerting;

/// <summary>Who is told of alerts over HTTP: a webhook and three chats, each at a path of its own; each can be made to fail.</summary>
internal sealed class AlertReceivers : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string Query, JsonElement Body)> _received = new();
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);

    private AlertReceivers(WebApplication app) => _app = app;

    /// <summary>Paths that answer 500.</summary>
    public ConcurrentDictionary<string, bool> Broken { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths that answer 200 with an error code, as two of the chats do.</summary>
    public ConcurrentDictionary<string, bool> Refusing { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths that do not answer.</summary>
    public ConcurrentDictionary<string, bool> Silent { get; } = new(StringComparer.Ordinal);

    public static async Task<AlertReceivers> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var receivers = new AlertReceivers(builder.Build());
        receivers._app.Urls.Add("http://127.0.0.1:0");
        receivers._app.MapPost("/{path}", receivers.ReceiveAsync);
        await receivers._app.StartAsync();
        return receivers;
    }

    public string Address(string path) => $"{_app.Urls.Single()}/{path}";

    public IReadOnlyList<(string Query, JsonElement Body)> Of(string path) =>
        [.. _received.Where(one => one.Path == path).Select(one => (one.Query, one.Body))];

    /// <summary>How often a path was asked, whatever it answered.</summary>
    public int AskedOf(string path) => _asked.GetValueOrDefault(path);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> ReceiveAsync(string path, HttpRequest request)
    {
        _asked.AddOrUpdate(path, 1, (_, before) => before + 1);
        if (Silent.ContainsKey(path))
        {
            await Task.Delay(Timeout.Infinite, request.HttpContext.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (Broken.ContainsKey(path))
        {
            return Results.StatusCode(StatusCodes.Status500InternalServerError);
        }

        if (Refusing.ContainsKey(path))
        {
            return Results.Json(new { errcode = 310000, errmsg = "sign not match" });
        }

        using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        _received.Enqueue((path, request.QueryString.Value ?? "", body.RootElement.Clone()));
        return Results.Json(new { errcode = 0, errmsg = "ok" });
    }
}
