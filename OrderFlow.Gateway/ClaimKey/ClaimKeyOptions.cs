using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>What a Gateway remembers of idempotency keys; configuration section <c>IdempotencyKeys</c>.</summary>
internal sealed class ClaimKeyOptions
{
    public const string Section = "IdempotencyKeys";

    /// <summary>
    /// How many of the latest keys a process remembers, about 300 bytes each; OrderService knows all of them. Default: 50,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int Remembered { get; set; } = 50_000;
}

[OptionsValidator]
internal sealed partial class ClaimKeyOptionsValidator : IValidateOptions<ClaimKeyOptions>;
