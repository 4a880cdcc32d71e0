using System.Text.Json.Serialization;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>The labels of a series as JSON.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CountersJson : JsonSerializerContext;
