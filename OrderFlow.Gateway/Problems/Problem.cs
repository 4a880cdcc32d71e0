using System.Diagnostics;
using System.Text.Json;
using OrderFlow.Contracts;

namespace OrderFlow.Gateway.Problems;

/// <summary>A problem as RFC 9457 writes it, with the ids that find it again.</summary>
internal sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    IReadOnlyDictionary<string, string[]>? Errors,
    string? Outcome,
    string? CorrelationId,
    string? TraceId)
{
    public const string ContentType = "application/problem+json";

    public static Task WriteAsync(HttpContext http, Refusal refusal, string? correlationId = null)
    {
        if (http.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        var response = http.Response;
        response.StatusCode = refusal.Status;
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString();
        }

        if (refusal.Takes is var (name, value))
        {
            response.Headers[name] = value;
        }

        if (correlationId is not null)
        {
            response.Headers[HttpHeaders.CorrelationId] = correlationId;
        }

        var body = Serialize(refusal, correlationId);
        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }

    public static byte[] Serialize(Refusal refusal, string? correlationId) => JsonSerializer.SerializeToUtf8Bytes(
        new Problem(
            $"urn:orderflow:problem:{refusal.Type}",
            refusal.Title,
            refusal.Status,
            refusal.Detail,
            refusal.Errors,
            refusal.Outcome,
            correlationId,
            Activity.Current?.TraceId.ToHexString()),
        GatewayJson.Default.Problem);
}
