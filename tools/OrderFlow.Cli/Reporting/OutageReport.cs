using OrderFlow.Cli.Faults.Outage;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;

namespace OrderFlow.Cli.Reporting;

/// <summary>What the Monitor's outage did to orders, services and the Monitor's own store.</summary>
internal sealed record OutageReport
{
    /// <summary>From the first SIGKILL to the start of the process that was left alone.</summary>
    public required double AwaySeconds { get; init; }

    /// <summary>Processes that were killed, the first included.</summary>
    public required int Kills { get; init; }

    /// <summary>Events that waited for the Monitor at most.</summary>
    public required long MostWaiting { get; init; }

    /// <summary>
    /// From the start of that process until the store knew what customers knew; <see langword="null"/> when it did not come to it.
    /// </summary>
    public required double? CatchUpSeconds { get; init; }

    /// <summary>Events in the store, each counted once.</summary>
    public required int StoredEvents { get; init; }

    /// <summary>From when an order was due to the answer 202.</summary>
    public required LatencyComparison Accept { get; init; }

    /// <summary>From when it was due until its customer was notified.</summary>
    public required LatencyComparison EndToEnd { get; init; }

    /// <summary>What is left of the orders' traces, by when the orders were placed.</summary>
    public required IReadOnlyList<TraceCount> Traces { get; init; }

    public required IReadOnlyList<ServiceUsage> Services { get; init; }

    /// <summary>
    /// Share of the machine's processors, 0 to 1, that programs other than the system and this tool took before, while the Monitor was
    /// away, and after.
    /// </summary>
    public required IReadOnlyList<double> Others { get; init; }

    public bool? IsWithinNoise => Accept.IsWithinNoise is { } accept && EndToEnd.IsWithinNoise is { } endToEnd ? accept && endToEnd : null;

    public static OutageReport Of(OutageTimes times, CustomerLedger ledger, StoreState store, TimeProvider time)
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
            Services = ServiceUsage.Of(times.Usage, time),
            Others =
            [
                .. times.Usage.Zip(times.Usage.Skip(1), (earlier, later) => Math.Round(later.Machine.OthersSince(earlier.Machine), 3)),
            ],
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
                SlicesP99Ms =
                [
                    .. Enumerable.Range(0, LatencyComparison.Slices)
                        .Select(number => Between(times.Began + (number * slice), times.Began + ((number + 1) * slice)).P99Ms),
                ],
            };

            LatencySummary Between(long from, long to) => LatencySummary.Of(which(ledger.Latencies(from, to)));
        }
    }
}
