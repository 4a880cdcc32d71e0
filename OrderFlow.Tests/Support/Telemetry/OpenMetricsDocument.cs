using System.Globalization;
using System.Text.RegularExpressions;

namespace OrderFlow.Tests.Support.Telemetry;

internal sealed record ParsedExemplar(IReadOnlyDictionary<string, string> Labels, double Value, double? Timestamp);

internal sealed record ParsedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value, ParsedExemplar? Exemplar)
{
    /// <summary>Name and labels in one text, equal for equal series.</summary>
    public string Series => Key(Name, Labels);

    public static string Key(string name, IEnumerable<KeyValuePair<string, string>> labels) =>
        name + "|" +
            string.Join('|', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}

internal sealed record ParsedFamily(string Name, string Type)
{
    public string? Unit { get; set; }

    public string? Help { get; set; }

    public List<ParsedSample> Samples { get; } = [];
}

/// <summary>
/// A reader of OpenMetrics 1.0.0, written from the standard's grammar and sharing nothing with the writer. It refuses what the
/// grammar refuses; what the standard says beyond the grammar is in <see cref="OpenMetricsRules"/>.
/// </summary>
internal sealed partial class OpenMetricsDocument
{
    private static readonly Dictionary<string, string[]> SuffixesOfType = new(StringComparer.Ordinal)
    {
        ["counter"] = ["_total", "_created"],
        ["gauge"] = [""],
        ["histogram"] = ["_bucket", "_sum", "_count", "_created"],
        ["info"] = ["_info"],
    };

    public List<ParsedFamily> Families { get; } = [];

    public ParsedFamily this[string name] => Families.Single(family => family.Name == name);

    public static OpenMetricsDocument Parse(string text)
    {
        text.EndsWith("# EOF\n", StringComparison.Ordinal).ShouldBeTrue("the last line must be # EOF");
        var document = new OpenMetricsDocument();
        var lines = text.Split('\n')[..^2];
        foreach (var line in lines)
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                document.ReadMetadata(line);
            }
            else
            {
                document.ReadSample(line);
            }
        }

        return document;
    }

    private void ReadMetadata(string line)
    {
        var match = Metadata().Match(line);
        match.Success.ShouldBeTrue($"no metadata line: {line}");
        var (keyword, name, rest) = (match.Groups["keyword"].Value, match.Groups["name"].Value, match.Groups["rest"].Value);
        if (keyword == "TYPE")
        {
            SuffixesOfType.ShouldContainKey(rest, line);
            Families.ShouldNotContain(family => family.Name == name, $"family {name} appears twice");
            Families.Add(new ParsedFamily(name, rest));
            return;
        }

        var current = Families[^1];
        current.Name.ShouldBe(name, $"metadata of another family: {line}");
        current.Samples.ShouldBeEmpty($"metadata after samples: {line}");
        if (keyword == "UNIT")
        {
            current.Unit.ShouldBeNull();
            current.Unit = rest;
        }
        else
        {
            current.Help.ShouldBeNull();
            EscapedText().IsMatch(rest).ShouldBeTrue($"wrong escape: {line}");
            current.Help = Unescape(rest);
        }
    }

    private void ReadSample(string line)
    {
        var match = Sample().Match(line);
        match.Success.ShouldBeTrue($"no sample: {line}");
        var name = match.Groups["name"].Value;
        var family = Families[^1];
        SuffixesOfType[family.Type].Select(suffix => family.Name + suffix)
            .ShouldContain(name, $"sample outside of its family {family.Name}: {line}");
        ParsedExemplar? exemplar = null;
        if (match.Groups["exemplar"].Success)
        {
            exemplar = new ParsedExemplar(
                Labels(match.Groups["elabels"].Value, line),
                Number(match.Groups["evalue"].Value),
                match.Groups["etime"].Success ? Number(match.Groups["etime"].Value) : null);
        }

        family.Samples.Add(
            new ParsedSample(name, Labels(match.Groups["labels"].Value, line), Number(match.Groups["value"].Value), exemplar));
    }

    private static Dictionary<string, string> Labels(string text, string line)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var position = 0;
        while (position < text.Length)
        {
            var match = Label().Match(text, position);
            (match.Success && match.Index == position).ShouldBeTrue($"no label at {position}: {line}");
            labels.TryAdd(match.Groups["name"].Value, Unescape(match.Groups["value"].Value))
                .ShouldBeTrue($"label {match.Groups["name"].Value} twice: {line}");
            position = match.Index + match.Length;
            if (position < text.Length)
            {
                text[position].ShouldBe(',', line);
                position++;
                (position < text.Length).ShouldBeTrue($"comma after the last label: {line}");
            }
        }

        return labels;
    }

    private static string Unescape(string text) =>
        Escape().Replace(text, match => match.Groups["character"].Value switch { "n" => "\n", var character => character });

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# (?<keyword>TYPE|UNIT|HELP) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<rest>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metadata();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([^"}]|"([^"\\]|\\.)*")*)\})? """
        + """(?<value>[-+]?(Inf|NaN|\d+(\.\d*)?([eE][-+]?\d+)?))"""
        + """(?<exemplar> # \{(?<elabels>([^"}]|"([^"\\]|\\.)*")*)\} """
        + """(?<evalue>[-+]?(Inf|NaN|\d+(\.\d*)?([eE][-+]?\d+)?))( (?<etime>\d+(\.\d+)?))?)?$""",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=["](?<value>([^"\\\n]|\\["\\n])*)["]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex("""^([^"\\\n]|\\["\\n])*$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EscapedText();

    [GeneratedRegex("""\\(?<character>["\\n])""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Escape();
}
