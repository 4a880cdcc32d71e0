using System.Diagnostics.Metrics;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>What the runtime does not say of itself.</summary>
internal sealed class ProcessInstruments : IDisposable
{
    private readonly Meter _meter;

    public ProcessInstruments(IMeterFactory meters)
    {
        _meter = meters.Create("OrderFlow.ServiceDefaults");
        _meter.CreateObservableGauge(
            "process.memory.limit",
            () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            "By",
            "Memory that the process may have: the limit of its container, or the memory of the machine.");
    }

    public void Dispose() => _meter.Dispose();
}
