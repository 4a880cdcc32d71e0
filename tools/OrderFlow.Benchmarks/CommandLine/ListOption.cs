using System.CommandLine;
using System.Globalization;

namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>Options whose value is a list with commas.</summary>
internal static class ListOption
{
    /// <summary>Some of the known names; all of them by default.</summary>
    public static Option<string> Names(string name, IReadOnlyList<string> known, string description)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = "names",
            DefaultValueFactory = _ => string.Join(',', known),
        };
        option.Validators.Add(result =>
        {
            if (Split(result.GetValueOrDefault<string>()).Count == 0)
            {
                result.AddError($"{name} is empty; it must have at least one of {string.Join(", ", known)}.");
            }

            foreach (var unknown in Split(result.GetValueOrDefault<string>()).Where(one => !known.Contains(one, StringComparer.Ordinal)))
            {
                result.AddError($"{name} has '{unknown}', which is none of {string.Join(", ", known)}.");
            }
        });
        return option;
    }

    /// <summary>Whole numbers from 1 to 10,000.</summary>
    public static Option<string> Numbers(string name, string byDefault, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "numbers", DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            foreach (var wrong in Split(result.GetValueOrDefault<string>()).Where(one => !IsNumber(one)))
            {
                result.AddError($"{name} has '{wrong}', which is no whole number from 1 to 10000.");
            }
        });
        return option;
    }

    public static IReadOnlyList<string> Split(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 10_000;
}
