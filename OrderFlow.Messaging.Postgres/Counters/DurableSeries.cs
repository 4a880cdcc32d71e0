using System.Text.Json;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>One counter with one set of label values.</summary>
internal sealed class DurableSeries(DurableCounter counter, string[] values)
{
    public DurableCounter Counter => counter;

    /// <summary>The labels as the database's column <c>labels</c> holds them.</summary>
    public string Json { get; } = JsonSerializer.Serialize(
        counter.Labels.Zip(values).ToDictionary(label => label.First, label => label.Second, StringComparer.Ordinal),
        CountersJson.Default.DictionaryStringString);

    /// <summary>The labels as a measurement carries them.</summary>
    public KeyValuePair<string, object?>[] Tags { get; } = [.. counter.Labels.Zip(
        values, (label, value) => KeyValuePair.Create(label, (object?)value))];

    /// <summary>The series that a row counts; a label that the row does not name is empty, as Prometheus has it.</summary>
    public static DurableSeries Read(DurableCounter counter, string json)
    {
        var labels = JsonSerializer.Deserialize(json, CountersJson.Default.DictionaryStringString) ?? [];
        return counter.SeriesOf([.. counter.Labels.Select(label => labels.GetValueOrDefault(label, ""))]);
    }
}
