using System.Text.Json;
using Google.Protobuf;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>Takes a request into the buffer, or answers why not. It never waits for the database.</summary>
internal sealed class TelemetryReceiver(
    IngestKey key, OtlpReader reading, TelemetryBuffer buffer, TelemetryWriter writer, MonitorInstruments instruments)
{
    private const int FullSeconds = 1;
    private const int FailingSeconds = 5;

    public Task<OtlpResponse> ReceiveSpansAsync(HttpRequest request) =>
        ReceiveAsync(request, new Signal("traces", "rejectedSpans", reading.Spans));

    public Task<OtlpResponse> ReceiveLogsAsync(HttpRequest request) =>
        ReceiveAsync(request, new Signal("logs", "rejectedLogRecords", reading.Logs));

    /// <summary>A signal that is not kept here: said to whoever may send the others.</summary>
    public OtlpResponse ReceiveOther(HttpRequest request) => WhyNot(request)
        ?? OtlpResponse.Refused(
            StatusCodes.Status404NotFound, "The Monitor takes traces and logs. Metrics are scraped: OTEL_METRICS_EXPORTER=none.");

    private OtlpResponse? WhyNot(HttpRequest request)
    {
        if (key.WhyNot(request) is not { } problem)
        {
            return null;
        }

        request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
        return OtlpResponse.Refused(StatusCodes.Status401Unauthorized, problem);
    }

    private async Task<OtlpResponse> ReceiveAsync(HttpRequest request, Signal signal)
    {
        if (WhyNot(request) is { } refused)
        {
            return refused;
        }

        if (!OtlpContentType.KnowsType(request))
        {
            return OtlpResponse.UnknownType();
        }

        if (OtlpContentType.IsZipped(request) is not { } zipped)
        {
            return OtlpResponse.UnknownCoding();
        }

        try
        {
            using var body = await OtlpBody.ReadAsync(request, zipped, request.HttpContext.RequestAborted);
            if (body is null)
            {
                return OtlpResponse.Refused(
                    StatusCodes.Status413PayloadTooLarge,
                    $"A request may have {OtlpBody.Largest} bytes, after decompression too. Send smaller batches.");
            }

            return Take(signal.Read(body, OtlpContentType.IsJson(request)), signal);
        }
        catch (Exception exception) when (
            exception is InvalidProtocolBufferException or InvalidDataException or JsonException or FormatException)
        {
            return OtlpResponse.Refused(
                StatusCodes.Status400BadRequest, $"The body cannot be read as OTLP {signal.Name}: {exception.Message}");
        }
        catch (BadHttpRequestException exception)
        {
            return OtlpResponse.Refused(exception.StatusCode, exception.Message);
        }
    }

    private OtlpResponse Take(TelemetryBatch batch, Signal signal)
    {
        instruments.TelemetryDropped(signal.Name, "invalid", batch.Rejected);
        var (rejected, count) = (batch.Rejected, batch.Count);
        if (count == 0)
        {
            batch.Dispose();
        }

        // From here on it is the writer's.
        if (count == 0 || buffer.TryAdd(batch))
        {
            return OtlpResponse.Accepted(rejected, signal.RejectedField);
        }

        batch.Dispose();
        instruments.TelemetryDropped(signal.Name, "buffer_full", count);
        return writer.IsFailing
            ? OtlpResponse.Later(
                StatusCodes.Status503ServiceUnavailable,
                FailingSeconds,
                "The Monitor's database takes nothing at the moment, and its buffer is full.")
            : OtlpResponse.Later(
                StatusCodes.Status429TooManyRequests,
                FullSeconds,
                "More comes in than can be stored: the buffer is full (Monitor:TelemetryBuffer).");
    }

    /// <summary>What differs between the kinds of telemetry.</summary>
    /// <param name="Name">The last segment of its path.</param>
    /// <param name="RejectedField">What JSON calls the number of those that were not taken.</param>
    /// <param name="Read">Reads a body, in JSON when the second says so.</param>
    private sealed record Signal(string Name, string RejectedField, Func<OtlpBody, bool, TelemetryBatch> Read);
}
