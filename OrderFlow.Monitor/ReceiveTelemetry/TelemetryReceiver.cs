using Google.Protobuf;
using Microsoft.Net.Http.Headers;

namespace OrderFlow.Monitor.ReceiveTelemetry;

/// <summary>Takes a request into the buffer, or answers why not. It never waits for the database.</summary>
internal sealed class TelemetryReceiver(
    IngestKey key, OtlpReading reading, TelemetryBuffer buffer, TelemetryWriter writer, MonitorInstruments instruments)
{
    private const int FullSeconds = 1;
    private const int FailingSeconds = 5;

    public Task<OtlpAnswer> ReceiveSpansAsync(HttpRequest request) => ReceiveAsync(request, "traces", reading.Spans);

    public Task<OtlpAnswer> ReceiveLogsAsync(HttpRequest request) => ReceiveAsync(request, "logs", reading.Logs);

    private async Task<OtlpAnswer> ReceiveAsync(HttpRequest request, string signal, Func<ReadOnlyMemory<byte>, TelemetryBatch> read)
    {
        if (key.WhyNot(request) is { } problem)
        {
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return OtlpAnswer.Refused(StatusCodes.Status401Unauthorized, problem);
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != OtlpAnswer.ContentType || !OtlpBody.Knows(request))
        {
            return OtlpAnswer.Refused(StatusCodes.Status415UnsupportedMediaType, $"Send {OtlpAnswer.ContentType}, plain or with gzip (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf).");
        }

        try
        {
            if (await OtlpBody.ReadAsync(request, request.HttpContext.RequestAborted) is not { } body)
            {
                return OtlpAnswer.Refused(StatusCodes.Status413PayloadTooLarge, $"A request may have {OtlpBody.Largest} bytes, after decompression too. Send smaller batches.");
            }

            return Take(read(body), signal);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            return OtlpAnswer.Refused(StatusCodes.Status400BadRequest, $"The body cannot be read as OTLP {signal}: {exception.Message}");
        }
        catch (BadHttpRequestException exception)
        {
            return OtlpAnswer.Refused(exception.StatusCode, exception.Message);
        }
    }

    private OtlpAnswer Take(TelemetryBatch batch, string signal)
    {
        instruments.TelemetryDropped(signal, "invalid", batch.Rejected);
        if (batch.Count == 0 || buffer.TryAdd(batch))
        {
            return OtlpAnswer.Accepted(batch.Rejected);
        }

        instruments.TelemetryDropped(signal, "buffer_full", batch.Count);
        return writer.IsFailing
            ? OtlpAnswer.Later(StatusCodes.Status503ServiceUnavailable, FailingSeconds, "The Monitor's database takes nothing at the moment, and its buffer is full.")
            : OtlpAnswer.Later(StatusCodes.Status429TooManyRequests, FullSeconds, "More comes in than can be stored: the buffer is full (Monitor:TelemetryBuffer).");
    }
}
