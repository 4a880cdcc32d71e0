namespace OrderFlow.PaymentService.Provider;

/// <summary>The payment provider: charges customers and refunds them.</summary>
internal interface IPaymentProvider
{
    /// <summary>What a payment's row calls it.</summary>
    string Name { get; }

    /// <summary>
    /// Charges, or declines to. Idempotent: the same <see cref="Charge.PaymentId"/> is charged once and gets the same answer each
    /// time, since a service that was killed before it could note the answer asks again.
    /// </summary>
    /// <returns>The answer; <see langword="null"/> when the provider took the request and does not say what came of it.</returns>
    /// <exception cref="HttpRequestException">The provider did not answer. Whether it has charged is found out by asking
    /// again.</exception>
    Task<ChargeAnswer?> ChargeAsync(Charge charge, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back what was charged. Idempotent: the same <see cref="Charge.PaymentId"/> is given back once, however often it is asked for.
    /// </summary>
    /// <exception cref="HttpRequestException">The provider did not answer. Whether it has given it back is found out by asking
    /// again.</exception>
    Task RefundAsync(Charge charge, CancellationToken cancellationToken);
}

/// <summary>What is to be paid, and what for.</summary>
internal sealed record Charge(Guid PaymentId, Guid OrderId, string UserId, decimal Amount, string Currency);

/// <summary>What the provider said.</summary>
/// <param name="DeclineReason">Why it declined; <see langword="null"/> when it charged.</param>
internal sealed record ChargeAnswer(string? DeclineReason)
{
    public static ChargeAnswer Approved { get; } = new((string?)null);

    public bool IsApproved => DeclineReason is null;
}
