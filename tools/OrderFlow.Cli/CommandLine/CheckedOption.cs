using System.CommandLine;

namespace OrderFlow.Cli.CommandLine;

/// <summary>Options that say what is wrong with their value.</summary>
internal static class CheckedOption
{
    /// <summary>A number from <paramref name="lowest"/> to <paramref name="highest"/>.</summary>
    public static Option<T> Between<T>(string name, T lowest, T highest, T value, string description)
        where T : struct, IComparable<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is var given && (given.CompareTo(lowest) < 0 || given.CompareTo(highest) > 0))
            {
                result.AddError($"{name} must be from {lowest} to {highest}; it is {given}.");
            }
        });
        return option;
    }

    /// <summary>A duration; kept as text, so that <c>--help</c> shows the default as one would type it.</summary>
    public static Option<string> Duration(string name, string value, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "duration", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is var text && !Durations.TryParse(text ?? "", out _))
            {
                result.AddError($"{name} must be a duration such as 500ms, 30s, 2m or 1h, at most 7 days; it is '{text}'.");
            }
        });
        return option;
    }
}
