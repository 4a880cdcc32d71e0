using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.Faults.Monitor;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Cli.Reporting.Chaos;

/// <summary>What it was to be without the Monitor.</summary>
internal sealed record OutageReport
{
    /// <summary>From the first SIGKILL to the start of the process that was left alone.</summary>
    public required double AwaySeconds { get; init; }

    /// <summary>Processes that were killed, the first included.</summary>
    public required int Kills { get; init; }

    /// <summary>Events that waited for the Monitor at most.</summary>
    public required long MostWaiting { get; init; }

    /// <summary>From the start of that process until the store knew what customers knew; <see langword="null"/> when it did not come to it.</summary>
    public required double? CatchUpSeconds { get; init; }

    /// <summary>Events in the store, each counted once.</summary>
    public required int StoredEvents { get; init; }

    /// <summary>From when an order was due to the answer 202.</summary>
    public required LatencyComparison Accept { get; init; }

    /// <summary>From when it was due until its customer was told.</summary>
    public required LatencyComparison EndToEnd { get; init; }

    /// <summary>What is left of the orders' traces, by when the orders were placed.</summary>
    public required IReadOnlyList<TraceCount> Traces { get; init; }

    public required IReadOnlyList<ServiceVitals> Services { get; init; }

    /// <summary>Share of the machine's processors, 0 to 1, that programs other than the system and this tool took before, while the Monitor was away, and after.</summary>
    public required IReadOnlyList<double> Others { get; init; }

    public bool? IsWithinNoise => Accept.IsWithinNoise is { } accept && EndToEnd.IsWithinNoise is { } endToEnd ? accept && endToEnd : null;

    public static OutageReport Of(OutageTimes times, Ledger ledger, StoreState store, TimeProvider time)
    {
        var caughtUp = times.CaughtUp ?? times.Ended;
        return new OutageReport
        {
            AwaySeconds = Seconds(times.Killed, times.Back),
            Kills = times.Kills,
            MostWaiting = times.MostWaiting,
            CatchUpSeconds = times.CaughtUp is { } at ? Seconds(times.Back, at) : null,
            StoredEvents = store.Events.Count,
            Accept = Compare(latencies => latencies.Accept),
            EndToEnd = Compare(latencies => latencies.EndToEnd),
            Traces =
            [
                TraceCount.Of("before", ledger.AcceptedIn(times.Began, times.Killed), store),
                TraceCount.Of("away", ledger.AcceptedIn(times.Killed, times.Back), store),
                TraceCount.Of("after", ledger.AcceptedIn(times.Back, long.MaxValue), store),
            ],
            Services = ServiceVitals.Of(times.Vitals, time),
            Others = [.. times.Vitals.Zip(times.Vitals.Skip(1), (earlier, later) => Math.Round(later.Machine.OthersSince(earlier.Machine), 3))],
        };

        double Seconds(long from, long to) => Math.Round(time.GetElapsedTime(from, to).TotalSeconds, 1);

        LatencyComparison Compare(Func<(LatencyHistogram Accept, LatencyHistogram EndToEnd), LatencyHistogram> which)
        {
            var slice = (times.Killed - times.Began) / LatencyComparison.Slices;
            return new LatencyComparison
            {
                Before = Between(times.Began, times.Killed),
                Away = Between(times.Killed, times.Back),
                After = Between(times.Back, times.Ended),
                CatchingUp = Between(times.Back, caughtUp),
                SlicesP99Ms = [.. Enumerable.Range(0, LatencyComparison.Slices).Select(number => Between(times.Began + (number * slice), times.Began + ((number + 1) * slice)).P99Ms)],
            };

            LatencySummary Between(long from, long to) => LatencySummary.Of(which(ledger.Latencies(from, to)));
        }
    }
}

/// <summary>Traces of orders: spans are sent to the Monitor as they come, and dropped while it is away.</summary>
/// <param name="Placed">When the orders were placed: before the Monitor was killed, while it was away, or after it was back.</param>
/// <param name="Sampled">Orders whose trace is to be kept.</param>
/// <param name="Whole">Those of which it has spans of every service that published an event.</param>
/// <param name="Partial">Those of which it lacks a service.</param>
/// <param name="Missing">Those of which it has none.</param>
internal sealed record TraceCount(string Placed, int Sampled, int Whole, int Partial, int Missing)
{
    public static TraceCount Of(string placed, IEnumerable<Guid> orders, StoreState store)
    {
        var sources = store.Events.ToLookup(one => one.OrderId, one => one.Source, StringComparer.Ordinal);
        var traces = orders.Select(order => order.ToString()).Where(store.Traces.Contains)
            .Select(order => (Needed: sources[order].ToHashSet(StringComparer.Ordinal), There: store.Traces[order].First())).ToArray();
        var missing = traces.Count(trace => trace.There.Length == 0);
        var whole = traces.Count(trace => trace.Needed.IsSubsetOf(trace.There));
        return new TraceCount(placed, traces.Length, whole, traces.Length - whole - missing, missing);
    }
}

/// <summary>What a service took of the machine, all its processes together.</summary>
/// <param name="Service">The service.</param>
/// <param name="MemoryMegabytes">Resident, when the Monitor was killed, when it came back, and at the end of the load.</param>
/// <param name="LogKilobytesPerSecond">What it wrote to its log before, while the Monitor was away, and after.</param>
internal sealed record ServiceVitals(string Service, IReadOnlyList<double> MemoryMegabytes, IReadOnlyList<double> LogKilobytesPerSecond)
{
    public static IReadOnlyList<ServiceVitals> Of(IReadOnlyList<MonitorHealth> vitals, TimeProvider time) =>
    [
        .. from service in vitals[0].Services.Keys
           select new ServiceVitals(
               service,
               [.. vitals.Skip(1).Select(one => Math.Round(one.Services[service].Memory / 1e6, 1))],
               [.. vitals.Zip(vitals.Skip(1), (earlier, later) => Math.Round((later.Services[service].Log - earlier.Services[service].Log) / 1e3 / time.GetElapsedTime(earlier.At, later.At).TotalSeconds, 1))]),
    ];
}
