using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Cli.Observation;

/// <summary>A message in a dead-letter queue.</summary>
/// <param name="Queue">The dead-letter queue.</param>
/// <param name="Mark">Of garbage; <see langword="null"/> for everything else.</param>
/// <param name="Reason">Why it is there; empty when it does not say.</param>
/// <param name="Type">What kind of event it says it is.</param>
/// <param name="OrderId">The order that it is about, when it says so.</param>
internal sealed record DeadLetter(string Queue, string? Mark, string Reason, string? Type, string? OrderId)
{
    /// <summary>
    /// Who was to handle it; <see langword="null"/> when its type does not say so, or the broker brought it there itself.
    /// </summary>
    public string? Handler { get; init; }

    /// <summary>The service that its queue is named after.</summary>
    public string Service => Queue[..Queue.LastIndexOf('.')];

    public string? Flow { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>Whether it went with the broker's data, after it was read.</summary>
    public bool IsWiped { get; init; }

    /// <summary>
    /// Whether a service gave it up, and its flow with it: not without the headers that say of which flow it is, not what the broker moved
    /// past the service, and not what comes after the flow's end.
    /// </summary>
    public bool IsGivenUp =>
        Type is not (EventTypes.PaymentRefundRequested or EventTypes.PaymentRefunded) && Handler is not null
            && Reason is not (DeadLetterReasons.UnknownType or DeadLetterReasons.MissingHeader or DeadLetterReasons.InvalidHeader);
}
