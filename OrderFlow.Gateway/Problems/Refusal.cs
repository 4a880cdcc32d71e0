using Microsoft.AspNetCore.WebUtilities;

namespace OrderFlow.Gateway.Problems;

/// <summary>Why a request is turned away, and the problem that its client gets as the answer.</summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Type">The problem's kind; the client sees <c>urn:orderflow:problem:{Type}</c>.</param>
/// <param name="Detail">What is wrong with this request and what to do about it.</param>
internal sealed record Refusal(int Status, string Type, string Detail)
{
    /// <summary>One of <see cref="RefusalReason"/>.</summary>
    public string Reason { get; init; } = RefusalReason.Malformed;

    /// <summary>The wrong fields, each with what is wrong with it.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>A header that says what is taken instead.</summary>
    public (string Name, string Value)? Takes { get; init; }

    /// <summary>After how many seconds it is worth trying again.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Whether the order is surely not accepted, when a client could wonder: one of <see cref="RefusalOutcome"/>.</summary>
    public string? Outcome { get; init; }

    public string Title => ReasonPhrases.GetReasonPhrase(Status) is { Length: > 0 } phrase ? phrase : $"HTTP {Status}";

    /// <summary>What is said when the framework chose the status.</summary>
    public static Refusal ForStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound =>
            new(status, "not-found", "There is nothing at this address. Orders are placed with POST /orders."),
        StatusCodes.Status405MethodNotAllowed =>
            new(status, "method-not-allowed", "This address does not take this method; the header Allow names those it takes."),
        StatusCodes.Status408RequestTimeout =>
            new(status, "too-slow", "The request came too slowly to be waited for.") { Reason = RefusalReason.TooSlow },
        StatusCodes.Status413PayloadTooLarge =>
            new(status, "too-large", "The body is larger than this address takes.") { Reason = RefusalReason.TooLarge },
        StatusCodes.Status414RequestUriTooLong => new(status, "address-too-long", "The address is longer than any address here."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            new(status, "headers-too-large", "The request has too many headers, or too long ones.") { Reason = RefusalReason.Header },
        >= 400 and < 500 =>
            new(status, "bad-request",
                "The request cannot be read as HTTP: its request line, a header or the framing of its body is malformed."),
        StatusCodes.Status505HttpVersionNotsupported => new(status, "http-version", "The Gateway speaks HTTP/1.1."),
        _ => new(status, "internal", "The Gateway failed. The trace id finds the cause in its logs and traces."),
    };
}
