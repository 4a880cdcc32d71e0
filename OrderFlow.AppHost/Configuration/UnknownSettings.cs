namespace OrderFlow.AppHost.Configuration;

/// <summary>Finds settings that nothing reads: a misspelled one would otherwise be ignored without a word.</summary>
internal static class UnknownSettings
{
    /// <summary>Sections whose every setting is known.</summary>
    private static readonly string[] OwnSections = [.. HelpText.Settings.Select(SectionOf).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>What Aspire and .NET read from the command line.</summary>
    private static readonly string[] OthersSections =
        ["AppHost", "Aspire", "Dcp", "DcpPublisher", "Logging", "Kestrel", "Pipeline", "Publishing", "environment", "contentRoot",
            "applicationName", "operation"];

    private static readonly string[] OthersPrefixes = ["ASPIRE_", "ASPNETCORE_", "DOTNET_", "OTEL_"];

    /// <param name="args">The command line.</param>
    /// <param name="environment">Names of environment variables, such as <c>Ports__Gateway</c>.</param>
    /// <returns>A sentence each.</returns>
    public static IEnumerable<string> In(IReadOnlyList<string> args, IEnumerable<string> environment)
    {
        var variables = environment
            .Select(variable => variable.Replace("__", ":", StringComparison.Ordinal))
            .Where(name =>
                name.Contains(':', StringComparison.Ordinal) && OwnSections.Contains(SectionOf(name), StringComparer.OrdinalIgnoreCase));
        foreach (var name in variables.Where(IsUnknown))
        {
            yield return Unknown(name);
        }

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

            if (IsUnknown(name) && !IsOthers(SectionOf(name)))
            {
                yield return Unknown(name);
            }
        }
    }

    private static string SectionOf(string name) => name.Split(':')[0];

    private static bool IsUnknown(string name) => !HelpText.Settings.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsOthers(string section) =>
        OthersSections.Contains(section, StringComparer.OrdinalIgnoreCase) ||
        Array.Exists(OthersPrefixes, prefix => section.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

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
