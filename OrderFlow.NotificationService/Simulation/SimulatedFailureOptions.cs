using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.NotificationService.Simulation;

/// <summary>
/// Which deliveries fail on purpose, so that a demonstration has failures to look at; configuration section <c>Simulation</c>.
/// </summary>
internal sealed class SimulatedFailureOptions
{
    public const string Section = "Simulation";

    /// <summary>Share of the deliveries that fail, from 0 (none) to 1 (all). Default: 0.</summary>
    [Range(0.0, 1.0)]
    public double FailureRate { get; set; }

    /// <summary>
    /// Whether a retry helps. Default: <see cref="FailureMode.Permanent"/>, so that the rate is the share of orders that end as dead
    /// letters.
    /// </summary>
    [EnumDataType(typeof(FailureMode))]
    public FailureMode FailureMode { get; set; } = FailureMode.Permanent;
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
internal sealed partial class SimulatedFailureOptionsValidator : IValidateOptions<SimulatedFailureOptions>;
