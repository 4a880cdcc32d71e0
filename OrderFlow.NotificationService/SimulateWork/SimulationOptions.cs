using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.SimulateWork;

/// <summary>Pretended work and pretended failures, so that a demonstration has something to look at; configuration section <c>Simulation</c>.</summary>
internal sealed class SimulationOptions : IValidatableObject
{
    public const string Section = "Simulation";

    /// <summary>Shortest work on one notification, in milliseconds. Default: 0.</summary>
    [Range(0, 60_000)]
    public int MinWorkMs { get; set; }

    /// <summary>Longest work on one notification, in milliseconds; 0 switches it off. Default: 0.</summary>
    [Range(0, 60_000)]
    public int MaxWorkMs { get; set; }

    /// <summary>Share of the deliveries that fail, from 0 (none) to 1 (all). Default: 0.</summary>
    [Range(0.0, 1.0)]
    public double FailureRate { get; set; }

    /// <summary>Whether a retry helps. Default: <see cref="FailureMode.Permanent"/>, so that the rate is the share of orders that end as dead letters.</summary>
    [EnumDataType(typeof(FailureMode))]
    public FailureMode FailureMode { get; set; } = FailureMode.Permanent;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MinWorkMs > MaxWorkMs)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(MinWorkMs)} is {MinWorkMs}, more than {Section}:{nameof(MaxWorkMs)}, which is {MaxWorkMs}. Set both, or set neither.",
                [nameof(MinWorkMs)]);
        }
    }
}

/// <summary>Which deliveries a simulated failure hits.</summary>
internal enum FailureMode
{
    /// <summary>Decided once per event by its id: its every attempt fails, a replay included, until the switch is off.</summary>
    Permanent,

    /// <summary>Drawn anew for every attempt: a retry usually helps.</summary>
    Transient,
}

[OptionsValidator]
internal sealed partial class SimulationOptionsValidator : IValidateOptions<SimulationOptions>;
