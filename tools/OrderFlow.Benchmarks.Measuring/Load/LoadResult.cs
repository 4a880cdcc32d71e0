using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>What became of the requests of a load.</summary>
/// <param name="Sent">How many were sent.</param>
/// <param name="Accepted">How many were answered with 202.</param>
/// <param name="Refused">How many were answered with something else.</param>
/// <param name="Failed">How many were not answered.</param>
/// <param name="Answers">How long the accepted ones took, from the moment at which they were due.</param>
public sealed record LoadResult(int Sent, int Accepted, int Refused, int Failed, LatencySummary Answers)
{
    /// <summary>One line of JSON.</summary>
    public string Write() => JsonSerializer.Serialize(this, LoadJson.Default.LoadResult);

    /// <summary>What <see cref="Write"/> has written.</summary>
    public static LoadResult Read(string line) =>
        JsonSerializer.Deserialize(line, LoadJson.Default.LoadResult)
            ?? throw new InvalidDataException($"'{line}' is no result of a load.");
}

[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadJson : JsonSerializerContext;
