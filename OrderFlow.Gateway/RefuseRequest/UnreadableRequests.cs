using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace OrderFlow.Gateway.RefuseRequest;

/// <summary>
/// Gives problem details to requests that Kestrel turns away before the application sees them (a bare CR in a header, a broken
/// request line, headers beyond the limits). Kestrel would answer them with an empty body; it announces each one first, while the
/// answer can still be written.
/// </summary>
internal sealed class UnreadableRequests(DiagnosticListener diagnostics) : IHostedService, IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = diagnostics.Subscribe(this, static name => name == BadRequest);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == BadRequest
            && value.Value is IFeatureCollection features
            && features.Get<IHttpResponseFeature>() is { HasStarted: false } response
            && features.Get<IHttpResponseBodyFeature>() is { } body
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException rejection)
        {
            var problem = Problem.Serialize(Refusal.ForStatus(rejection.StatusCode), correlationId: null);
            response.StatusCode = rejection.StatusCode;
            response.Headers.ContentType = Problem.ContentType;
            response.Headers.ContentLength = problem.Length;
            problem.CopyTo(body.Writer.GetSpan(problem.Length));
            body.Writer.Advance(problem.Length);
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
