using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.PaymentService.Provider;

/// <summary>How the pretended provider behaves; configuration section <c>SimulatedProvider</c>.</summary>
internal sealed class SimulatedProviderOptions : IValidatableObject
{
    public const string Section = "SimulatedProvider";
    public const int LongestMs = 60_000;

    /// <summary>Shortest time to an answer, in milliseconds. Default: 0.</summary>
    [Range(0, LongestMs)]
    public int MinLatencyMs { get; set; }

    /// <summary>Longest time to an answer, in milliseconds; 0 answers at once. Default: 0.</summary>
    [Range(0, LongestMs)]
    public int MaxLatencyMs { get; set; }

    /// <summary>Share of the orders whose payment is declined, from 0 (none) to 1 (all). Default: 0.</summary>
    [Range(0.0, 1.0)]
    public double DeclineRate { get; set; }

    /// <summary>
    /// Share of the orders about whose payment the provider never says anything, from 0 (none) to 1 (all); they are not charged. Of the
    /// others
    /// <see cref="DeclineRate"/> is the share that is declined. Default: 0.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SilentRate { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MinLatencyMs > MaxLatencyMs)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(MinLatencyMs)} is {MinLatencyMs}, "
                + $"more than {Section}:{nameof(MaxLatencyMs)}, which is {MaxLatencyMs}. Set both, or set neither.",
                [nameof(MinLatencyMs)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class SimulatedProviderOptionsValidator : IValidateOptions<SimulatedProviderOptions>;
