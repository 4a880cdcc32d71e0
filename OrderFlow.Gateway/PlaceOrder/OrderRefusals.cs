using System.Net.Mime;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrderFlow.Contracts;
using OrderFlow.Gateway.Problems;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Every way in which an order is turned away.</summary>
internal sealed class OrderRefusals(IOptions<PlaceOrderOptions> options)
{
    private readonly PlaceOrderOptions _options = options.Value;

    public Refusal CorrelationId { get; } = new(
        StatusCodes.Status400BadRequest,
        "invalid-header",
        $"The header {HttpHeaders.CorrelationId} must be given once, "
        + $"with 1 to {OrderRules.MaxCorrelationIdLength} visible ASCII characters, or not at all.")
    {
        Reason = RefusalReason.Header,
        Errors = new Dictionary<string, string[]>
        {
            [HttpHeaders.CorrelationId] = [$"must be one value of 1 to {OrderRules.MaxCorrelationIdLength} visible ASCII characters"],
        },
    };

    public Refusal TenantId { get; } = new(
        StatusCodes.Status400BadRequest,
        "invalid-header",
        $"The header {HttpHeaders.TenantId} must be given once, "
        + $"with 1 to {OrderRules.MaxTenantIdLength} visible characters in UTF-8, or not at all.")
    {
        Reason = RefusalReason.Header,
        Errors = new Dictionary<string, string[]>
        {
            [HttpHeaders.TenantId] = [$"must be one value of 1 to {OrderRules.MaxTenantIdLength} visible characters"],
        },
    };

    public Refusal IdempotencyKey { get; } = new(
        StatusCodes.Status400BadRequest,
        "invalid-header",
        $"The header {HttpHeaders.IdempotencyKey} must be given once, "
        + $"with 1 to {PlaceOrder.IdempotencyKey.MaxLength} visible ASCII characters, or not at all.")
    {
        Reason = RefusalReason.Header,
        Errors = new Dictionary<string, string[]>
        {
            [HttpHeaders.IdempotencyKey] = [$"must be one value of 1 to {PlaceOrder.IdempotencyKey.MaxLength} visible ASCII characters"],
        },
    };

    /// <summary>The body is no JSON in UTF-8; the header <c>Accept</c> of the answer says what is taken (RFC 9110, 15.5.16).</summary>
    public Refusal MediaType { get; } = new(
        StatusCodes.Status415UnsupportedMediaType,
        "unsupported-media-type",
        "An order is JSON in UTF-8, not compressed: send it with Content-Type: application/json.")
    {
        Reason = RefusalReason.MediaType,
        Takes = (HeaderNames.Accept, MediaTypeNames.Application.Json),
    };

    /// <summary>The same of a body that is compressed.</summary>
    public Refusal ContentCoding => MediaType with { Takes = (HeaderNames.AcceptEncoding, OrderMediaType.Plain) };

    public Refusal TooLarge => new(
        StatusCodes.Status413PayloadTooLarge,
        "too-large",
        $"The body of an order is at most {_options.MaxBodyBytes} bytes.")
    {
        Reason = RefusalReason.TooLarge,
    };

    public Refusal Overloaded => new(
        StatusCodes.Status429TooManyRequests,
        "overloaded",
        $"The Gateway already works on {_options.MaxInFlight} orders. This one was not accepted; it is safe to send it again.")
    {
        Reason = RefusalReason.Overloaded,
        RetryAfterSeconds = _options.OverloadRetryAfterSeconds,
        Outcome = RefusalOutcome.NotAccepted,
    };

    public Refusal WouldWait => new(
        StatusCodes.Status503ServiceUnavailable,
        "overloaded",
        "More orders come than can be worked on. This one was not accepted; it is safe to send it again.")
    {
        Reason = RefusalReason.Overloaded,
        RetryAfterSeconds = _options.OverloadRetryAfterSeconds,
        Outcome = RefusalOutcome.NotAccepted,
    };

    public static Refusal Invalid(OrderErrors errors) => errors.Malformed is { } why
        ? new(StatusCodes.Status400BadRequest, "malformed-body", why) { Reason = RefusalReason.Malformed }
        : new(StatusCodes.Status400BadRequest, "invalid-order", "The order has wrong fields; errors names each of them.")
        {
            Reason = RefusalReason.Validation,
            Errors = errors.Fields,
        };

    /// <summary>
    /// What may honestly be said of an order that the broker did not confirm. Only an event that was returned, or never left, is
    /// surely not accepted. A confirm that did not come, or a refusal by one of several queues, leaves it open.
    /// </summary>
    public Refusal NotConfirmed(PublishException failure, bool hasKey)
    {
        var why = failure.Reason switch
        {
            PublishFailure.Unroutable => "No service is ready to take orders yet.",
            PublishFailure.Overloaded => "The broker takes no more orders at the moment.",
            PublishFailure.Nacked => "The broker refused the order.",
            PublishFailure.TimedOut => "The broker did not confirm the order in time.",
            _ => "The connection to the broker is down.",
        };
        return failure.MayHaveArrived
            ? BrokerUnavailable(
                hasKey
                    ? $"{why} The order may or may not have been accepted; "
                        + $"sending it again with the same {HttpHeaders.IdempotencyKey} is safe."
                    : $"{why} The order may or may not have been accepted: "
                        + $"sending it again may place it twice, unless it has an {HttpHeaders.IdempotencyKey}.",
                RefusalOutcome.Unknown)
            : BrokerUnavailable($"{why} This order was not accepted; it is safe to send it again.", RefusalOutcome.NotAccepted);
    }

    private Refusal BrokerUnavailable(
        string detail, string outcome) => new(StatusCodes.Status503ServiceUnavailable, "broker-unavailable", detail)
    {
        Reason = RefusalReason.BrokerUnavailable,
        RetryAfterSeconds = _options.BrokerRetryAfterSeconds,
        Outcome = outcome,
    };
}
