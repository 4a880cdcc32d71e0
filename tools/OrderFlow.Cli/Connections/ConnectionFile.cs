using System.Text.Json;
using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Connections;

/// <summary>What a running AppHost writes for the tools beside it.</summary>
internal sealed record ConnectionFile(Uri? Gateway, Uri? Messaging)
{
    public const string RelativePath = ".run/connection.json";

    /// <summary>The nearest file above one of the directories, the first directory first.</summary>
    public static string? Find(params ReadOnlySpan<string> directories)
    {
        foreach (var directory in directories)
        {
            for (var at = new DirectoryInfo(directory); at is not null; at = at.Parent)
            {
                var path = Path.Combine(at.FullName, RelativePath);
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }

        return null;
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static ConnectionFile Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ConnectionFileJson.Default.ConnectionFile)
                ?? throw new CommandException($"{path} holds null instead of a JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"{path} cannot be read: {exception.Message} Start the system anew with ./run.sh, which writes it.", exception);
        }
    }
}
