using System.Collections.Concurrent;
using System.Collections.Frozen;
using OrderFlow.Messaging.Diagnostics;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>
/// A counter whose numbers are committed together with what they count, so that neither a crash nor a repetition makes them wrong: see
/// <c>ITransactionalContext.Count</c>. Its number is the whole service's; one replica at a time exports it as a metric. Register it
/// with <see cref="CountingSetup.AddDurableCounters"/>.
/// </summary>
public sealed class DurableCounter
{
    /// <summary>Stands for label values that are none of the known ones or, without known ones, beyond the first 32.</summary>
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, DurableSeries> _series = new(StringComparer.Ordinal);
    private readonly BoundedNames[] _open;
    private readonly FrozenSet<string>[] _values;

    /// <summary>Defines a counter.</summary>
    /// <param name="meter">The meter that exports it, such as <c>OrderFlow.OrderService</c>.</param>
    /// <param name="name">The instrument's name, such as <c>orders.rejected</c>; also its key in the database: a counter that is renamed
    /// begins at 0.</param>
    /// <param name="unit">What is counted, such as <c>{order}</c>.</param>
    /// <param name="description">What one more means.</param>
    /// <param name="labels">The names of its labels; none by default.</param>
    /// <param name="known">The label values of each series that is exported from the start, as 0 until something is counted; each label is
    /// then limited to the values it has here. A counter without labels is always exported from the start.</param>
    /// <exception cref="ArgumentException">A known series has not one value for each label.</exception>
    public DurableCounter(
        string meter, string name, string unit, string description, string[]? labels = null, params IReadOnlyList<string>[] known)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(meter);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(known);
        (Meter, Name, Unit, Description, Labels) = (meter, name, unit, description, labels ?? []);
        if (Array.Find(known, one => one.Count != Labels.Count) is { } wrong)
        {
            throw new ArgumentException(
                $"The series ({string.Join(", ", wrong)}) of counter '{name}' needs {Labels.Count} label values: "
                + $"{string.Join(", ", Labels)}.",
                nameof(known));
        }

        _open = [.. Labels.Select(_ => new BoundedNames(Other))];
        _values = [.. Labels.Select((_, position) => known.Select(one => one[position]).ToFrozenSet(StringComparer.Ordinal))];
        Known = Labels.Count == 0 ? [SeriesOf()] : [.. known.Select(one => SeriesOf([.. one]))];
    }

    /// <summary>The meter that exports it.</summary>
    public string Meter { get; }

    /// <summary>The instrument's name.</summary>
    public string Name { get; }

    /// <summary>What is counted.</summary>
    public string Unit { get; }

    /// <summary>What one more means.</summary>
    public string Description { get; }

    /// <summary>The names of its labels.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The series that are there from the start.</summary>
    internal IReadOnlyList<DurableSeries> Known { get; }

    /// <summary>The series with these label values, in the order of <see cref="Labels"/>; one object for one series.</summary>
    /// <exception cref="ArgumentException">There is not one value for each label.</exception>
    internal DurableSeries SeriesOf(params ReadOnlySpan<string> labels)
    {
        if (labels.Length != Labels.Count)
        {
            throw new ArgumentException(
                $"The counter '{Name}' has the labels ({string.Join(", ", Labels)}), but was given {labels.Length} values.",
                nameof(labels));
        }

        var bounded = new string[labels.Length];
        for (var i = 0; i < bounded.Length; i++)
        {
            bounded[i] = _values[i].Count == 0 ? _open[i].Bound(labels[i]) : _values[i].Contains(labels[i]) ? labels[i] : Other;
        }

        return _series.GetOrAdd(
            string.Join('\u001f', bounded),
            static (_, made) => new DurableSeries(made.Counter, made.Values),
            (Counter: this, Values: bounded));
    }
}
