using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrderFlow.Gateway.Problems;

/// <summary>
/// Gives problem details to requests that Kestrel turns away before the application sees them: a bare CR or LF in a header, a broken
/// request line, headers beyond the limits. Kestrel would answer them with an empty body; it announces each one first, so that the
/// answer can be written in its place. Under TLS, where the connection's output is not readable, Kestrel's own answer stays.
/// </summary>
internal sealed class UnreadableRequests(DiagnosticListener diagnostics, TimeProvider time)
    : IHostedService, IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    /// <summary>Makes the output of every connection refusable.</summary>
    public static void Prepare(ListenOptions endpoint) => endpoint.Use(next => connection =>
    {
        connection.Transport = new Transport(connection.Transport.Input, new RefusableOutput(connection.Transport.Output));
        return next(connection);
    });

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
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IHttpRequestFeature>()?.Protocol is not ("HTTP/2" or "HTTP/3")
            && features.Get<IConnectionTransportFeature>()?.Transport.Output is RefusableOutput output
            && features.Get<IBadRequestExceptionFeature>()?.Error is Microsoft.AspNetCore.Http.BadHttpRequestException rejection)
        {
            output.AnswerLast(Answer(Refusal.ForStatus(rejection.StatusCode)));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private byte[] Answer(Refusal refusal)
    {
        var problem = Problem.Serialize(refusal, correlationId: null);
        var head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {refusal.Status} {refusal.Title}\r\nConnection: close\r\n"
            + $"Content-Length: {problem.Length}\r\nContent-Type: {Problem.ContentType}\r\nDate: {time.GetUtcNow():R}\r\n\r\n");
        return [.. head, .. problem];
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
