using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Simulation;

/// <summary>Whether pretended trouble can be switched while the service runs; configuration section <c>Simulation</c>.</summary>
internal sealed class SwitchOptions : IValidatableObject
{
    public const string Section = "Simulation";
    public const int ShortestKey = 16;

    /// <summary>Whether the endpoints below <c>/simulation</c> exist. Default: false, as it must be where customers are served.</summary>
    public bool Switchable { get; set; }

    /// <summary>
    /// The secret that callers present as <c>Authorization: Bearer</c>, at least 16 characters; read when <see cref="Switchable"/> is
    /// true.
    /// </summary>
    public string Key { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Switchable && Key.Length < ShortestKey)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Switchable)} is true, "
                + $"so {Section}:{nameof(Key)} must be a secret of at least {ShortestKey} characters.",
                [nameof(Key)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class SwitchOptionsValidator : IValidateOptions<SwitchOptions>;
