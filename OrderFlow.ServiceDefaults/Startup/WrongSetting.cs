using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Startup;

/// <summary>Reports a wrong setting in one line that says how to set it; every other failure keeps its stack trace.</summary>
internal static partial class WrongSetting
{
    private static int _isWatching;

    /// <summary>
    /// Ends the process when nobody catches an exception about a setting. It may be thrown before there is a host, so it is caught here.
    /// </summary>
    public static void EndsTheProcessInOneLine()
    {
        if (Interlocked.Exchange(ref _isWatching, 1) == 0)
        {
            AppDomain.CurrentDomain.UnhandledException += (_, unhandled) => End(unhandled.ExceptionObject as Exception);
        }
    }

    /// <summary>What is wrong and how to set it, in one line; <see langword="null"/> when the exception is about something else.</summary>
    public static string? Describe(Exception? exception) => exception switch
    {
        OptionsValidationException invalid => Describe(invalid),
        // Several sections are wrong.
        AggregateException { InnerExceptions: { Count: > 0 } all } when all.All(one => one is OptionsValidationException) =>
            string.Join(' ', all.Select(Describe)),
        // "Failed to convert configuration value 'x' at 'Messaging:Prefetch' to type 'System.Int32'."
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => exception.Message,
        // A file with settings that is no JSON; the inner exceptions say where.
        InvalidDataException { InnerException: FormatException { Source: "Microsoft.Extensions.Configuration.Json" } } =>
            $"{exception.Message} {exception.GetBaseException().Message}",
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message} Set another one with ASPNETCORE_URLS, or end what listens there.",
        _ => null,
    };

    private static void End(Exception? exception)
    {
        if (Describe(exception) is { } problem)
        {
            Console.Error.WriteLine($"{Assembly.GetEntryAssembly()?.GetName().Name} cannot start: {problem.ReplaceLineEndings(" ")}");
            Environment.Exit(1);
        }
    }

    private static string Describe(OptionsValidationException invalid)
    {
        var section = invalid.OptionsType.GetField("Section")?.GetRawConstantValue() as string;
        return section is null
            ? string.Join(' ', invalid.Failures)
            : string.Join(
                ' ', invalid.Failures.Select(failure => InWordsOfTheConfiguration(failure, invalid.OptionsType, section))
                    .Append(HowToSet(invalid, section)));
    }

    /// <summary>The validators name a property as the code does, TapOptions.Prefetch; who sets it knows it as Tap:Prefetch.</summary>
    private static string InWordsOfTheConfiguration(string failure, Type options, string section) => Property().Replace(
        Member().Replace(failure, ""),
        property =>
            property.Groups["type"].Value == options.Name ? section + property.Groups["path"].Value.Replace('.', ':') : property.Value);

    private static string HowToSet(OptionsValidationException invalid, string section)
    {
        var failure = invalid.Failures.First();
        var member = Member().Match(failure).Groups["name"].Value;
        string[] keys = [
            .. InWordsOfTheConfiguration(failure, invalid.OptionsType, section).Split(' ', '.', ',')
                .Where(word => word.StartsWith($"{section}:", StringComparison.Ordinal))];
        var key = Array.Find(keys, one => one.EndsWith($":{member}", StringComparison.Ordinal))
            ?? keys.FirstOrDefault($"{section}:{member}");
        return $"It is set in appsettings.json, in the environment ({key.Replace(":", "__", StringComparison.Ordinal)}=<value>) "
            + $"or as an argument (--{key}=<value>).";
    }

    [GeneratedRegex(@"\b(?<type>\w+Options)(?<path>(\.\w+)+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Property();

    /// <summary>What a validator begins a failure with: the property that it is about.</summary>
    [GeneratedRegex(@"^(?<name>\w+): ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Member();
}
