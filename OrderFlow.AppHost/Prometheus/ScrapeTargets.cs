using System.Text.Json;

namespace OrderFlow.AppHost.Prometheus;

/// <summary>What Prometheus scrapes: one file per resource (<c>file_sd</c>), one target per process.</summary>
internal sealed class ScrapeTargets(string directory)
{
    public const string Directory = "targets";

    private readonly Dictionary<string, Func<CustomResourceSnapshot, IEnumerable<string>>> _scraped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, string[]>> _targets = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _expected = new(StringComparer.Ordinal);

    private string? _host;

    /// <summary>Prometheus does not run on this machine, but sees it under this name.</summary>
    public void SeenFrom(string host) => _host = host;

    /// <summary>Adds a resource, and how to find the targets of one process of it.</summary>
    public void Add(string resource, Func<CustomResourceSnapshot, IEnumerable<string>> targetsOf) => _scraped.Add(resource, targetsOf);

    /// <summary>
    /// Where the resource will be, known before it starts. Prometheus takes up to five seconds to begin with a new target, and what
    /// ended before its first look is in no rate; a target that is early costs nothing but a scrape that fails.
    /// </summary>
    public void Expect(string resource, int port) => _expected[resource] = AsSeen($"localhost:{port}");

    /// <summary>Takes note of a change, and writes the resource's file when its targets changed.</summary>
    public void Follow(ResourceEvent change)
    {
        if (!_scraped.TryGetValue(change.Resource.Name, out var targetsOf))
        {
            return;
        }

        if (!_targets.TryGetValue(change.Resource.Name, out var processes))
        {
            _targets[change.Resource.Name] = processes = new(StringComparer.Ordinal);
            if (_expected.TryGetValue(change.Resource.Name, out var expected))
            {
                Write(change.Resource.Name, [expected]);
            }
        }

        if (Changes(processes, change, [.. targetsOf(change.Snapshot).Select(AsSeen)]))
        {
            Write(change.Resource.Name, processes.Values.SelectMany(targets => targets));
        }
    }

    private static bool Changes(SortedDictionary<string, string[]> processes, ResourceEvent change, string[] now)
    {
        if (KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text))
        {
            return processes.Remove(change.ResourceId);
        }

        // A process that crashed stays a target: that it does not answer is what the metric "up" is for.
        if (now.Length == 0
            || (processes.TryGetValue(change.ResourceId, out var before) && before.SequenceEqual(now, StringComparer.Ordinal)))
        {
            return false;
        }

        processes[change.ResourceId] = now;
        return true;
    }

    private string AsSeen(string target) => _host is null ? target : $"{_host}{target[target.LastIndexOf(':')..]}";

    private void Write(string resource, IEnumerable<string> targets)
    {
        var file = Path.Combine(directory, $"{resource}.json");
        var unfinished = $"{file}.new";
        File.WriteAllText(
            unfinished,
            JsonSerializer.Serialize(
                new[] { new { targets = targets.Distinct(StringComparer.Ordinal), labels = new { job = resource } } }));
        File.Move(unfinished, file, overwrite: true);
    }
}
