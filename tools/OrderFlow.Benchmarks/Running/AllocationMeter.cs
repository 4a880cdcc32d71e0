using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Benchmarks.Running;

/// <summary>
/// How much the services allocate, as their runtimes count it: asked by EventPipe, once a second, so that nothing need be built into a
/// service.
/// </summary>
internal sealed class AllocationMeter : IAsyncDisposable
{
    private const string Runtime = "System.Runtime";
    private const string Rate = "alloc-rate";

    private readonly List<(EventPipeSession Session, Task Reading)> _sessions = [];
    private readonly ConcurrentDictionary<MeasuredProcess, (double Bytes, double Seconds)> _allocated = new();

    private AllocationMeter()
    {
    }

    /// <summary>Begins to ask those of the processes that are services.</summary>
    public static AllocationMeter Start(IEnumerable<MeasuredProcess> processes)
    {
        var meter = new AllocationMeter();
        foreach (var process in processes.Where(process => process.Group == ProcessGroups.Services))
        {
            try
            {
                var provider = new EventPipeProvider(
                    Runtime, EventLevel.Informational, 0,
                    new Dictionary<string, string>(StringComparer.Ordinal) { ["EventCounterIntervalSec"] = "1" });
                var session = new DiagnosticsClient(process.Id).StartEventPipeSession(provider, requestRundown: false);
                meter._sessions.Add((session, Task.Run(() => meter.Read(session, process))));
            }
            catch (DiagnosticsClientException exception)
            {
                Progress.Say($"  allocations of {process.Name} are unknown: {exception.Message}");
            }
        }

        return meter;
    }

    /// <summary>Stops asking.</summary>
    /// <returns>Bytes per second, by process.</returns>
    public async Task<IReadOnlyDictionary<MeasuredProcess, double>> StopAsync()
    {
        await DisposeAsync();
        return _allocated.ToDictionary(process => process.Key, process => process.Value.Bytes / process.Value.Seconds);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (session, reading) in _sessions)
        {
            try
            {
                await session.StopAsync(CancellationToken.None);
                await reading;
            }
            catch (Exception exception) when (exception is ServerNotAvailableException or EndOfStreamException or IOException)
            {
                Progress.Say($"  a service ended while it was asked what it allocates: {exception.Message}");
            }

            session.Dispose();
        }

        _sessions.Clear();
    }

    private void Read(EventPipeSession session, MeasuredProcess process)
    {
        using var events = new EventPipeEventSource(session.EventStream);
        events.Dynamic.All += counted =>
        {
            if (counted.EventName == "EventCounters" && counted.PayloadValue(0) is IDictionary<string, object> payload
                && payload["Payload"] is IDictionary<string, object> counter && counter["Name"] is Rate)
            {
                var (bytes, seconds) = (Convert.ToDouble(counter["Increment"]), Convert.ToDouble(counter["IntervalSec"]));
                _allocated.AddOrUpdate(
                    process, _ => (bytes, seconds), (_, before) => (before.Bytes + bytes, before.Seconds + seconds));
            }
        };
        events.Process();
    }
}
