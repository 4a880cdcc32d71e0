using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrderFlow.AppHost.Objectives;

/// <summary>
/// Reads objectives in OpenSLO's form (https://github.com/OpenSLO/OpenSLO, v1): <c>kind: SLO</c> with a <c>ratioMetric</c> of two counters
/// of Prometheus, one target, and a rolling window in days.
/// </summary>
public static partial class ObjectiveFile
{
    private const string LeastBadEvents = "orderflow/least-bad-events";
    private const string Runbook = "orderflow/runbook";

    /// <summary>All objectives in the files of a directory, by name.</summary>
    /// <exception cref="ObjectiveException">One is wrong; the first that is.</exception>
    public static IReadOnlyList<Objective> ReadAll(string directory)
    {
        var objectives = new List<Objective>();
        foreach (var path in Directory.EnumerateFiles(directory, "*.yml").Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(Path.GetFileName(directory), Path.GetFileName(path));
            foreach (var objective in Read(file, File.ReadAllText(path)))
            {
                if (objectives.Exists(one => one.Name == objective.Name))
                {
                    throw new ObjectiveException(file, 1, $"There are two objectives with the name {objective.Name}.");
                }

                objectives.Add(objective);
            }
        }

        return objectives;
    }

    /// <summary>The objectives of one file.</summary>
    /// <param name="file">What errors call it.</param>
    /// <param name="text">What it says.</param>
    /// <exception cref="ObjectiveException">One is wrong; the first that is.</exception>
    public static IEnumerable<Objective> Read(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw new ObjectiveException(file, exception.Start.Line, $"It is no YAML: {exception.Message}");
        }
        catch (InvalidOperationException)
        {
            // So the reader ends when something is open at the end of the text.
            throw new ObjectiveException(file, text.Count(letter => letter == '\n') + 1, "It is no YAML: something is not closed.");
        }

        return stream.Documents.Select(document => Read(YamlPart.Of(file, document, "apiVersion", "kind", "metadata", "spec"))).ToList();
    }

    private static Objective Read(YamlPart document)
    {
        document.Is("apiVersion", "openslo/v1");
        document.Is("kind", "SLO");
        var metadata = document.Part("metadata", "name", "displayName", "annotations");
        if (!Names().IsMatch(metadata.Text("name")))
        {
            throw metadata.Wrong("name", "must be lower-case letters, digits and hyphens");
        }

        var annotations = metadata.Part("annotations", LeastBadEvents, Runbook);
        if (!int.TryParse(annotations.Text(LeastBadEvents), NumberStyles.None, CultureInfo.InvariantCulture, out var leastBadEvents))
        {
            throw annotations.Wrong(LeastBadEvents, "must be a whole number from 0");
        }

        var spec = document.Part("spec", "description", "service", "indicator", "timeWindow", "budgetingMethod", "objectives");
        spec.Is("budgetingMethod", "Occurrences");
        var indicator = spec.Part("indicator", "metadata", "spec");
        indicator.Part("metadata", "name").Text("name");
        var ratio = indicator.Part("spec", "ratioMetric").Part("ratioMetric", "counter", "good", "total");
        ratio.Is("counter", "true");
        var objective = spec.Only("objectives", "displayName", "target");
        objective.Text("displayName");
        if (!decimal.TryParse(objective.Text("target"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var target)
            || target is <= 0 or >= 1)
        {
            throw objective.Wrong("target", "must be a share between 0 and 1, such as 0.99");
        }

        return new Objective(
            metadata.Text("name"), metadata.Text("displayName"), spec.Text("description"), spec.Text("service"),
            Query(ratio, "good"), Query(ratio, "total"), target, Window(spec), leastBadEvents, annotations.Text(Runbook));
    }

    private static string Query(YamlPart ratio, string name)
    {
        var source = ratio.Part(name, "metricSource").Part("metricSource", "type", "spec");
        source.Is("type", "Prometheus");
        var spec = source.Part("spec", "query");
        return Selectors().IsMatch(spec.Text("query"))
            ? spec.Text("query")
            : throw spec.Wrong("query", "must be a counter with its labels, without a range: metric{label=\"value\"}");
    }

    private static TimeSpan Window(YamlPart spec)
    {
        var window = spec.Only("timeWindow", "duration", "isRolling");
        window.Is("isRolling", "true");
        var text = window.Text("duration");
        return text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days > 0
            ? TimeSpan.FromDays(days)
            : throw window.Wrong("duration", "must be a number of days, such as 14d");
    }

    [GeneratedRegex("^[a-z][a-z0-9-]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Names();

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*(\\{[^{}]*\\})?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Selectors();
}
