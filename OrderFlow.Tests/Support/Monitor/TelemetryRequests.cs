using System.IO.Compression;
using System.Net.Http.Headers;
using Google.Protobuf;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>OTLP as a sender writes it.</summary>
internal static class TelemetryRequests
{
    public const string Key = "the-key-of-this-test";

    /// <summary>Kinds as OTLP has them.</summary>
    public const int Server = 2, Client = 3, Producer = 4, Consumer = 5;

    public static Span Span(
        string traceId,
        string spanId,
        DateTimeOffset started,
        double milliseconds,
        string name = "work",
        string? parent = null,
        bool error = false,
        int kind = Server)
    {
        var span = new Span
        {
            TraceId = Id(traceId),
            SpanId = Id(spanId),
            ParentSpanId = parent is null ? ByteString.Empty : Id(parent),
            Name = name,
            Kind = kind,
            StartTimeUnixNano = Nanoseconds(started),
            EndTimeUnixNano = Nanoseconds(started) + (ulong)(milliseconds * 1e6),
            Attributes = { new KeyValue { Key = "email", Value = new AnyValue { StringValue = "somebody@example.org" } } },
        };
        if (error)
        {
            span.Status = new Status { Code = 2, Message = "it broke" };
        }

        return span;
    }

    public static ExportTraceRequest Of(string service, params IEnumerable<Span> spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Resource
                {
                    Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = service } } },
                },
                ScopeSpans = { new ScopeSpans { Scope = new Scope { Name = "OrderFlow.Tests" }, Spans = { spans } } },
            },
        },
    };

    public static Task<HttpResponseMessage> SendAsync(this RunningMonitor monitor, IMessage request, string? key = Key) =>
        monitor.SendAsync("/v1/traces", request.ToByteArray(), key);

    public static async Task<HttpResponseMessage> SendAsync(
        this RunningMonitor monitor, string path, byte[] body, string? key = Key, string type = "application/x-protobuf", bool zip = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(zip ? Zip(body) : body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (zip)
        {
            request.Content.Headers.ContentEncoding.Add("gzip");
        }

        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return await monitor.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static byte[] Zip(byte[] body)
    {
        using var memory = new MemoryStream();
        using (var zip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            zip.Write(body);
        }

        return memory.ToArray();
    }

    private static ByteString Id(string hex) => ByteString.CopyFrom(Convert.FromHexString(hex));

    private static ulong Nanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;
}
