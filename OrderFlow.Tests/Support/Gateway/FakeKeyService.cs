using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrderFlow.Tests.Support.Gateway;

/// <summary>OrderService as far as it knows keys, in memory.</summary>
internal sealed class FakeKeyService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Guid, (string Fingerprint, string CorrelationId)> _claims = new();
    private readonly ConcurrentDictionary<Guid, bool> _counted = new();
    private bool _stored;
    private int _asked;

    private FakeKeyService(WebApplication app)
    {
        _app = app;
        app.Use(async (http, next) =>
        {
            Interlocked.Increment(ref _asked);
            if (Mode == Trouble.Silent)
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            if (Mode == Trouble.Failing)
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            await next(http);
        });
        app.MapPut("/idempotency-keys/{orderId:guid}", (Guid orderId, string fingerprint, string correlationId) =>
        {
            var (known, first) = _claims.GetOrAdd(orderId, (fingerprint, correlationId));
            return new { fingerprint = known, correlationId = first, stored = _stored };
        });
        app.MapPost("/idempotency-keys/{orderId:guid}/counted", (Guid orderId) => new { first = _counted.TryAdd(orderId, true) });
    }

    internal enum Trouble
    {
        None,
        Silent,
        Failing,
    }

    public Trouble Mode { get; set; }

    public int Asked => Volatile.Read(ref _asked);

    public static async Task<FakeKeyService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var service = new FakeKeyService(builder.Build());
        await service._app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    /// <summary>From now on every order is stored.</summary>
    public void Store() => _stored = true;

    public Task<RunningGateway> GatewayAsync(params (string Key, string Value)[] settings) =>
        RunningGateway.StartAsync(null, [("services:order-service:http:0", _app.Urls.Single()), .. settings]);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
