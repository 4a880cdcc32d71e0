using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Simulation;

/// <summary>
/// How much work a service pretends to have with each event, so that a demonstration has latencies to look at; configuration section
/// <c>Simulation</c>.
/// </summary>
internal sealed class SimulatedWorkOptions : IValidatableObject
{
    public const string Section = "Simulation";

    /// <summary>Shortest work on one event, in milliseconds. Default: 0.</summary>
    [Range(0, 60_000)]
    public int MinWorkMs { get; set; }

    /// <summary>Longest work on one event, in milliseconds; 0 switches it off. Default: 0.</summary>
    [Range(0, 60_000)]
    public int MaxWorkMs { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MinWorkMs > MaxWorkMs)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(MinWorkMs)} is {MinWorkMs}, more than {Section}:{nameof(MaxWorkMs)}, "
                + $"which is {MaxWorkMs}. Set both, or set neither.",
                [nameof(MinWorkMs)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class SimulatedWorkOptionsValidator : IValidateOptions<SimulatedWorkOptions>;
