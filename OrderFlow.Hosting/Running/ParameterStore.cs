using System.Text.Json;

namespace OrderFlow.Hosting.Running;

/// <summary>Generated parameter values, kept from start to start in a file that only its owner can read.</summary>
internal sealed class ParameterStore(string directory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string FilePath => Path.Combine(directory, "parameters.json");

    /// <summary>The kept value, or a new one that is kept from now on. Safe when two AppHosts start at the same moment.</summary>
    public string GetOrAdd(string name, Func<string> generate)
    {
        RunDirectory.Create(directory);
        using var file = OpenExclusively();
        var values = file.Length == 0 ? [] : Read(file);
        if (values.TryGetValue(name, out var known))
        {
            return known;
        }

        values[name] = generate();
        file.SetLength(0);
        JsonSerializer.Serialize(file, values, Indented);
        file.Flush(flushToDisk: true);
        return values[name];
    }

    private Dictionary<string, string> Read(FileStream file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(file) ?? [];
        }
        catch (JsonException broken)
        {
            throw new DistributedApplicationException(
                $"The generated parameters in {FilePath} cannot be read: {broken.Message} Repair the file, or delete the directory with all data that uses them.", broken);
        }
    }

    private FileStream OpenExclusively()
    {
        var giveUp = TimeProvider.System.GetUtcNow() + LongestWait;
        while (true)
        {
            try
            {
                return new(FilePath, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = OwnerOnly,
                });
            }
            catch (IOException) when (TimeProvider.System.GetUtcNow() < giveUp)
            {
                Thread.Sleep(20);
            }
        }
    }
}
