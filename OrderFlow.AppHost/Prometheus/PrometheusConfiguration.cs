using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.Objectives;

namespace OrderFlow.AppHost.Prometheus;

/// <summary>
/// What Prometheus reads, in one directory, because it finds rules and targets relative to its configuration: <c>monitoring/</c> as it is,
/// with the rules of the objectives written anew.
/// </summary>
internal sealed class PrometheusConfiguration(string from)
{
    private const string FileName = "prometheus.yml";
    private const string RulesOfObjectives = "slo.yml";

    private readonly string _objectives = ObjectiveRules.Write(ObjectiveFile.ReadAll(Path.Combine(from, "slo")));

    /// <summary>Writes it.</summary>
    /// <exception cref="DistributedApplicationException">Prometheus would not start with it.</exception>
    public async Task WriteAsync(string to, CancellationToken cancellationToken)
    {
        File.Copy(Path.Combine(from, FileName), Path.Combine(to, FileName), overwrite: true);
        var rules = Path.Combine(to, "rules");
        if (Directory.Exists(rules))
        {
            Directory.Delete(rules, recursive: true);
        }

        Directory.CreateDirectory(rules);
        foreach (var rule in Directory.EnumerateFiles(Path.Combine(from, "rules"), "*.yml"))
        {
            File.Copy(rule, Path.Combine(rules, Path.GetFileName(rule)));
        }

        await File.WriteAllTextAsync(Path.Combine(rules, RulesOfObjectives), _objectives, cancellationToken);
        await CheckAsync(to, cancellationToken);
    }

    /// <summary>Has Prometheus' own tool read it, which names file, line and problem, where it is installed.</summary>
    private static async Task CheckAsync(string directory, CancellationToken cancellationToken)
    {
        if (await Programs.CheckAsync("promtool", directory, ["check", "config", FileName], cancellationToken) is var (_, problems))
        {
            throw new DistributedApplicationException($"Prometheus' configuration in {directory} is wrong.\n{problems.Trim()}");
        }
    }
}
