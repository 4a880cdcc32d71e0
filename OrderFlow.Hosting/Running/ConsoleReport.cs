namespace OrderFlow.Hosting.Running;

/// <summary>What the person at the console sees: one line per state change, and the output of the resources.</summary>
internal sealed class ConsoleReport(TextWriter writer, TimeProvider time, bool enabled, bool colors)
{
    private static readonly string[] Palette = ["36", "32", "35", "34", "33", "96", "92", "95"];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _colorOf = new(StringComparer.Ordinal);
    private int _width = 8;

    /// <summary>Makes room for the longest name, and gives each a color.</summary>
    public void Expect(IReadOnlyList<string> names)
    {
        _width = names.Select(name => name.Length).Append(_width).Max();
        foreach (var (index, name) in names.Index())
        {
            _colorOf[name] = Palette[index % Palette.Length];
        }
    }

    /// <summary>A state change.</summary>
    public void State(string name, string state) => Line(name, "●", state, strong: true);

    /// <summary>Something went wrong.</summary>
    public void Problem(string name, string problem) => Line(name, "✖", problem, strong: true, color: "31");

    /// <summary>A line that a resource printed.</summary>
    public void Output(string name, string line) => Line(name, "│", line, strong: false);

    /// <summary>A line of the engine itself.</summary>
    public void Say(string line)
    {
        if (enabled)
        {
            lock (_gate)
            {
                writer.WriteLine(line);
            }
        }
    }

    private void Line(string name, string sign, string text, bool strong, string? color = null)
    {
        if (!enabled)
        {
            return;
        }

        var now = $"{time.GetLocalNow():HH:mm:ss}";
        var padded = name.PadRight(_width);
        var line = colors
            ? $"\e[2m{now}\e[0m \e[{color ?? _colorOf.GetValueOrDefault(name, "37")}m{padded} {sign}\e[0m {(strong ? $"\e[1m{text}\e[0m" : text)}"
            : $"{now} {padded} {sign} {text}";
        lock (_gate)
        {
            writer.WriteLine(line);
        }
    }
}
