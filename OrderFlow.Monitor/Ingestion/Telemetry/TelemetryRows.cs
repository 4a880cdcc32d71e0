namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>What is stored in one transaction.</summary>
internal sealed record TelemetryRows(
    IReadOnlyList<TraceRow> Traces, IReadOnlyList<LogRow> Logs, IReadOnlyList<OperationRow> Operations)
{
    public int Count => Traces.Count + Logs.Count + Operations.Count;

    /// <summary>The same rows in two parts, neither of them empty when there are two rows.</summary>
    public IReadOnlyList<TelemetryRows> Halves()
    {
        var half = Count / 2;
        var (traces, logs) = (Math.Min(half, Traces.Count), Math.Min(Math.Max(half - Traces.Count, 0), Logs.Count));
        var operations = half - traces - logs;
        return
        [
            new TelemetryRows([.. Traces.Take(traces)], [.. Logs.Take(logs)], [.. Operations.Take(operations)]),
            new TelemetryRows([.. Traces.Skip(traces)], [.. Logs.Skip(logs)], [.. Operations.Skip(operations)]),
        ];
    }
}
