using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Net.Http.Headers;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// An answer as OTLP/HTTP wants it: in the encoding of the request, a <c>google.rpc.Status</c> when it is an error
/// (opentelemetry.io/docs/specs/otlp/#otlphttp-response).
/// </summary>
internal sealed class OtlpResponse : IResult
{
    private readonly int _status;
    private readonly IMessage _body;
    private readonly JsonObject _json;

    private OtlpResponse(int status, IMessage body, JsonObject json) => (_status, _body, _json) = (status, body, json);

    private (string Name, string Value)? Header { get; init; }

    /// <summary>Taken, but for what was rejected.</summary>
    /// <param name="rejected">How much.</param>
    /// <param name="field">What JSON calls the number: <c>rejectedSpans</c>, <c>rejectedLogRecords</c>.</param>
    public static OtlpResponse Accepted(int rejected, string field)
    {
        var (body, json) = (new ExportResponse(), new JsonObject());
        if (rejected > 0)
        {
            const string Why =
                "A span needs a trace id of 16 bytes and a span id of 8 that are not all zero, and a time within the retention "
                + "(Monitor:Retention) and not in the days to come; "
                + "in JSON, ids are hexadecimal, enums are numbers, and text has no half surrogate pairs.";
            body.PartialSuccess = new PartialSuccess { Rejected = rejected, ErrorMessage = Why };
            // As protobuf's mapping has it, 64-bit integers are strings.
            json["partialSuccess"] = new JsonObject { [field] = rejected.ToString(CultureInfo.InvariantCulture), ["errorMessage"] = Why };
        }

        return new OtlpResponse(StatusCodes.Status200OK, body, json);
    }

    public static OtlpResponse Refused(int status, string message) => Refused(status, message, header: null);

    /// <summary>The type of the body is none that is read; the answer says which are.</summary>
    public static OtlpResponse UnknownType() => Refused(
        StatusCodes.Status415UnsupportedMediaType,
        $"Send {OtlpContentType.Protobuf} (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf) or {OtlpContentType.Json} in UTF-8.",
        (HeaderNames.Accept, OtlpContentType.Types));

    /// <summary>The body is compressed in a way that is not read; the answer says which are.</summary>
    public static OtlpResponse UnknownCoding() => Refused(
        StatusCodes.Status415UnsupportedMediaType, "Send the body plain or with gzip.",
        (HeaderNames.AcceptEncoding, OtlpContentType.Codings));

    /// <summary>Not now.</summary>
    public static OtlpResponse Later(int status, int seconds, string message) =>
        Refused(status, message, (HeaderNames.RetryAfter, seconds.ToString(CultureInfo.InvariantCulture)));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var inJson = OtlpContentType.IsJson(httpContext.Request);
        var bytes = inJson ? Encoding.UTF8.GetBytes(_json.ToJsonString()) : _body.ToByteArray();
        httpContext.Response.StatusCode = _status;
        httpContext.Response.ContentType = inJson ? OtlpContentType.Json : OtlpContentType.Protobuf;
        httpContext.Response.ContentLength = bytes.Length;
        if (Header is var (name, value))
        {
            httpContext.Response.Headers[name] = value;
        }

        await httpContext.Response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    private static OtlpResponse Refused(int status, string message, (string Name, string Value)? header)
    {
        var code = (int)CodeOf(status);
        return new OtlpResponse(
            status,
            new RpcStatus { Code = code, Message = message },
            new JsonObject { ["code"] = code, ["message"] = message }) { Header = header };
    }

    private static RpcCode CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => RpcCode.Unauthenticated,
        StatusCodes.Status404NotFound => RpcCode.Unimplemented,
        StatusCodes.Status429TooManyRequests => RpcCode.ResourceExhausted,
        StatusCodes.Status503ServiceUnavailable => RpcCode.Unavailable,
        _ => RpcCode.InvalidArgument,
    };

    /// <summary>Of google.rpc.Code, those that are used.</summary>
    private enum RpcCode
    {
        InvalidArgument = 3,
        ResourceExhausted = 8,
        Unimplemented = 12,
        Unavailable = 14,
        Unauthenticated = 16,
    }
}
