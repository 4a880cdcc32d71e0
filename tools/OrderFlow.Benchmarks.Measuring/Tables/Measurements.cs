namespace OrderFlow.Benchmarks.Measuring.Tables;

/// <summary>What was measured: a value by row, subject and round.</summary>
/// <param name="subjects">What is compared, in the order of the columns.</param>
public sealed class Measurements(IReadOnlyList<string> subjects)
{
    private readonly List<string> _rows = [];
    private readonly Dictionary<(string Row, string Subject, int Round), double> _values = [];
    private int _next;

    public IReadOnlyList<string> Subjects => subjects;

    /// <summary>The rows, in the order of the measurements; one that only some subjects have stands where they have it.</summary>
    public IReadOnlyList<string> Rows => _rows;

    /// <summary>Adds a value; a row that is new stands behind the one of the value before it.</summary>
    public void Add(string row, string subject, int round, double value)
    {
        if (_rows.IndexOf(row) is var known and >= 0)
        {
            _next = known + 1;
        }
        else
        {
            _rows.Insert(_next++, row);
        }

        _values[(row, subject, round)] = value;
    }

    /// <summary>The value of one round, if there is one.</summary>
    public double? Find(string row, string subject, int round) => _values.TryGetValue((row, subject, round), out var value) ? value : null;

    /// <summary>Median and range over the rounds; <see langword="null"/> when there is no value.</summary>
    public Spread? Of(string row, string subject) => Spread.Of(Rounds(row, subject).Select(round => _values[(row, subject, round)]));

    /// <summary>
    /// Median and range of the ratios within the rounds: conditions that change from round to round change both sides of each.
    /// </summary>
    /// <returns><see langword="null"/> when no round has both values.</returns>
    public Spread? Ratio(string row, string subject, string to) => Spread.Of(
        Rounds(row, subject)
            .Where(round => Find(row, to, round) is not null and not 0)
            .Select(round => _values[(row, subject, round)] / _values[(row, to, round)]));

    private IEnumerable<int> Rounds(string row, string subject) =>
        _values.Keys.Where(key => key.Row == row && key.Subject == subject).Select(key => key.Round);
}
