using System.Text.Json;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>Some of the messages that wait in a dead-letter queue, the oldest first.</summary>
/// <param name="Service">The service that could not handle them.</param>
/// <param name="Group">The group that they are of, if only one is meant.</param>
/// <param name="At">When the queue was read.</param>
/// <param name="Total">How many there are, on all pages.</param>
/// <param name="Page">Which page it is, from 1.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Letters">The messages without their bodies.</param>
public sealed record DeadLetterMessages(
    string Service, string? Group, DateTimeOffset At, int Total, int Page, int Pages, IReadOnlyList<DeadLetter> Letters)
{
    /// <summary>Messages on a page.</summary>
    private const int Size = 50;

    internal static DeadLetterMessages Of(ServiceDeadLetters service, DeadLetterFilter filter, int page)
    {
        List<DeadLetter> letters = [.. service.Letters.Where(filter.Takes)];
        var pages = Math.Max(1, (letters.Count + Size - 1) / Size);
        page = Math.Clamp(page, 1, pages);
        return new DeadLetterMessages(
            service.Service, filter.Group, service.At, letters.Count, page, pages, [.. letters.Skip((page - 1) * Size).Take(Size)]);
    }
}

/// <summary>A dead letter as a whole. Fields that nobody is shown are masked.</summary>
/// <param name="Letter">What its headers say.</param>
/// <param name="CorrelationId">The id of its flow.</param>
/// <param name="Source">The service that published it.</param>
/// <param name="ContentType">The type of its body, as the message declares it.</param>
/// <param name="ContentEncoding">How its body was compressed; it is shown decompressed.</param>
/// <param name="TraceId">The trace in which it was published.</param>
/// <param name="Headers">All its headers.</param>
/// <param name="Body">Its body as JSON; absent when it cannot be decoded.</param>
/// <param name="BodyProblem">Why not.</param>
/// <param name="BodyBytes">How long it is.</param>
/// <param name="BodyBase64">The body as it is, when it cannot be decoded; absent when fields are masked, because in it they cannot
/// be.</param>
public sealed record DeadLetterDetail(
    DeadLetter Letter, string? CorrelationId, string? Source, string? ContentType, string? ContentEncoding, string? TraceId,
    JsonElement Headers, JsonElement? Body,
    string? BodyProblem, int BodyBytes, byte[]? BodyBase64)
{
    /// <summary>What became of it at this service: given up, sent back, given up again.</summary>
    public required IReadOnlyList<HandlingStep> History { get; init; }

    internal static DeadLetterDetail Of(DeadLetterContent content, MaskedFields masked, IReadOnlyList<HandlingStep> history)
    {
        var readable = BodyEncoding.TryDecode(content.ContentEncoding, content.Body, out var plain, out var problem);
        var body = plain.ToArray();
        JsonElement? json = null;
        if (readable)
        {
            (json, problem) = content.Letter.EventType is { } type
                ? EventBodyJson.Decode(type, content.Letter.EventVersion ?? 1, body)
                : (null, "it does not say which event it is");
        }

        var traceParent = content.Headers.GetValueOrDefault(HeaderNames.TraceParent) is byte[] bytes
            ? System.Text.Encoding.UTF8.GetString(bytes)
            : null;
        return new DeadLetterDetail(
            content.Letter, content.CorrelationId, content.Source, content.ContentType, content.ContentEncoding,
            Traces.TraceId.Hex(Traces.TraceId.Parse(Traces.TraceId.OfTraceParent(traceParent))),
            masked.Hide(EventBodyJson.Parse(HeaderJson.Write(content.Headers)))!.Value, masked.Hide(json), problem, body.Length,
            problem is null || masked.Any ? null : body)
        {
            History = history,
        };
    }
}
