using System.Globalization;
using Google.Protobuf;
using OrderFlow.Monitor.ReceiveTelemetry.Otlp;

namespace OrderFlow.Monitor.ReceiveTelemetry;

/// <summary>An answer as OTLP/HTTP wants it: protobuf, a <c>google.rpc.Status</c> when it is an error (opentelemetry.io/docs/specs/otlp/#otlphttp-response).</summary>
internal sealed class OtlpAnswer : IResult
{
    public const string ContentType = "application/x-protobuf";

    private readonly int _status;
    private readonly IMessage _body;
    private readonly int? _retryAfterSeconds;

    private OtlpAnswer(int status, IMessage body, int? retryAfterSeconds = null) => (_status, _body, _retryAfterSeconds) = (status, body, retryAfterSeconds);

    /// <summary>Taken, but for what was rejected.</summary>
    public static OtlpAnswer Accepted(int rejected)
    {
        var body = new ExportResponse();
        if (rejected > 0)
        {
            body.PartialSuccess = new PartialSuccess
            {
                Rejected = rejected,
                ErrorMessage = "A span needs a trace id of 16 bytes and a span id of 8 that are not all zero, and a time within the retention (Monitor:Retention) and not in the days to come.",
            };
        }

        return new OtlpAnswer(StatusCodes.Status200OK, body);
    }

    public static OtlpAnswer Refused(int status, string message) =>
        new(status, new RpcStatus { Code = (int)CodeOf(status), Message = message });

    /// <summary>Not now.</summary>
    public static OtlpAnswer Later(int status, int seconds, string message) =>
        new(status, new RpcStatus { Code = (int)CodeOf(status), Message = message }, seconds);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = _status;
        httpContext.Response.ContentType = ContentType;
        if (_retryAfterSeconds is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await httpContext.Response.Body.WriteAsync(_body.ToByteArray(), httpContext.RequestAborted);
    }

    private static RpcCode CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => RpcCode.Unauthenticated,
        StatusCodes.Status429TooManyRequests => RpcCode.ResourceExhausted,
        StatusCodes.Status503ServiceUnavailable => RpcCode.Unavailable,
        _ => RpcCode.InvalidArgument,
    };

    /// <summary>Of google.rpc.Code, those that are used.</summary>
    private enum RpcCode
    {
        InvalidArgument = 3,
        ResourceExhausted = 8,
        Unavailable = 14,
        Unauthenticated = 16,
    }
}
