using System.ComponentModel.DataAnnotations;

namespace OrderFlow.Messaging.Configuration;

/// <summary>The text is a list of retry delays.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RetryTiersAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is null || (value is string text && RetryDelays.TryParse(text, out _));

    public override string FormatErrorMessage(string name) =>
        $"{name} must list at most {RetryDelays.Most} delays from 50ms to 24h, such as '5s,30s,2m'; leave it empty for no delayed retries.";
}
