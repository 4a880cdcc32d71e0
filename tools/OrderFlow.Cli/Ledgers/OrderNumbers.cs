using System.Globalization;

namespace OrderFlow.Cli.Ledgers;

/// <summary>
/// The correlation ids of a run, and the numbers in them: they recognise an order of this run at its end even when its answer, and
/// with it the order id, was lost.
/// </summary>
internal sealed class OrderNumbers(string runId)
{
    private readonly string _prefix = $"load-{runId}-";

    public string CorrelationId(long number) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{number}");

    public bool TryRead(string? correlationId, out long number)
    {
        number = 0;
        return correlationId is not null
            && correlationId.StartsWith(_prefix, StringComparison.Ordinal)
            && long.TryParse(correlationId.AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
