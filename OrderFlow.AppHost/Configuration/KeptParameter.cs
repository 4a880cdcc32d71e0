using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting.Publishing;

namespace OrderFlow.AppHost.Configuration;

/// <summary>
/// A password that is made at the first start and kept beside the data that needs it, in <c>parameters.json</c> of the run directory,
/// which only its owner can read. Aspire would keep it in the user's secrets, and a copy of the data on another machine could not be
/// opened.
/// </summary>
internal sealed class KeptParameter(RunDirectory directory, string name) : ParameterDefault
{
    private const int Length = 32;

    /// <summary>Nothing that a URI or a connection string would have to quote.</summary>
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private static readonly Lock Gate = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <exception cref="DistributedApplicationException">The file is broken.</exception>
    public override string GetDefaultValue()
    {
        lock (Gate)
        {
            directory.Create();
            var file = directory.In("parameters.json");
            var values = File.Exists(file) ? Read(file) : new(StringComparer.Ordinal);
            if (values.TryGetValue(name, out var known))
            {
                return known;
            }

            values[name] = RandomNumberGenerator.GetString(Alphabet, Length);
            OwnerOnly.Write(file, JsonSerializer.SerializeToUtf8Bytes(values, Indented));
            return values[name];
        }
    }

    /// <summary>Published systems get their passwords from whoever runs them.</summary>
    public override void WriteToManifest(ManifestPublishingContext context) =>
        new GenerateParameterDefault { MinLength = Length, Special = false }.WriteToManifest(context);

    private static SortedDictionary<string, string> Read(string file)
    {
        try
        {
            return new(JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file)) ?? [], StringComparer.Ordinal);
        }
        catch (JsonException broken)
        {
            throw new DistributedApplicationException(
                $"The generated passwords in {file} cannot be read: "
                + $"{broken.Message} Repair the file, or delete the directory with all data that needs them.",
                broken);
        }
    }
}
