using Microsoft.Extensions.Configuration;

namespace OrderFlow.AppHost.Configuration;

/// <summary>Finds settings that nothing reads: a misspelled one would otherwise be ignored without a word.</summary>
internal static class UnknownSettings
{
    /// <summary>Sections whose every setting is known.</summary>
    private static readonly string[] OwnSections = [.. HelpText.Settings.Select(setting => setting.Split(':')[0]).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>What Aspire and .NET read from the command line.</summary>
    private static readonly string[] OthersSections =
        ["AppHost", "Aspire", "Dcp", "DcpPublisher", "Logging", "Kestrel", "Pipeline", "Publishing", "environment", "contentRoot", "applicationName", "operation"];

    private static readonly string[] OthersPrefixes = ["ASPIRE_", "ASPNETCORE_", "DOTNET_", "OTEL_"];

    /// <returns>A sentence each.</returns>
    public static IEnumerable<string> In(IConfiguration configuration, IReadOnlyList<string> args) => OwnSections
        .SelectMany(section => configuration.GetSection(section).GetChildren().Select(child => child.Path))
        .Where(name => !HelpText.Settings.Contains(name, StringComparer.OrdinalIgnoreCase))
        .Select(Unknown)
        .Concat(OnCommandLine(args))
        .Distinct(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> OnCommandLine(IReadOnlyList<string> args)
    {
        for (var index = 0; index < args.Count; index++)
        {
            var arg = args[index];
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                yield return $"Argument '{arg}' is no setting; one looks like --Ports:Gateway=8080.";
                continue;
            }

            var name = arg[2..].Split('=')[0];
            if (!arg.Contains('=', StringComparison.Ordinal))
            {
                // The value may stand by itself.
                index++;
            }

            var section = name.Split(':')[0];
            if (!OwnSections.Contains(section, StringComparer.OrdinalIgnoreCase) &&
                !OthersSections.Contains(section, StringComparer.OrdinalIgnoreCase) &&
                !OthersPrefixes.Any(prefix => section.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                yield return Unknown(name);
            }
        }
    }

    private static string Unknown(string name)
    {
        var nearest = HelpText.Settings.MinBy(known => Distance(known.ToUpperInvariant(), name.ToUpperInvariant()))!;
        return $"There is no setting {name}. Did you mean --{nearest}=…? All settings: --help";
    }

    /// <summary>Levenshtein distance: how many letters must be added, removed or replaced.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
