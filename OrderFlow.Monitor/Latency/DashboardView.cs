namespace OrderFlow.Monitor.Latency;

/// <summary>The system at a glance.</summary>
/// <param name="CollectedAt">When these figures were collected.</param>
/// <param name="WindowSeconds">The time that percentiles, error rate and throughput are of, ending now.</param>
/// <param name="RetryQueueSize">Events that wait for a delayed retry, in all services; absent while the broker does not answer.</param>
/// <param name="DeadLetterQueueSize">Events that were given up, in all services; absent likewise.</param>
/// <param name="ActiveHandlers">Consumers at work on the services' queues; absent likewise.</param>
/// <param name="Queues">The same service by service.</param>
/// <param name="EventsLastHour">Events published in the last 60 minutes, as far as they are stored.</param>
/// <param name="EventsToday">Events published since midnight, UTC.</param>
/// <param name="OpenFlows">Flows that have begun and not ended.</param>
/// <param name="OldestOpenFlowMs">Age of the oldest of them in milliseconds.</param>
/// <param name="FlowsEnded">Flows whose customer was notified within the window, those after a replay left out.</param>
/// <param name="FlowsFailed">Flows that were first given up within the window, whatever a replay did since.</param>
/// <param name="P50Ms">Half of <paramref name="FlowsEnded"/> took no longer, in milliseconds; absent when there are none.</param>
/// <param name="P95Ms">95 % of them.</param>
/// <param name="P99Ms">99 % of them.</param>
/// <param name="ErrorRate">Share of <paramref name="FlowsFailed"/> in both; 0 when there are none.</param>
/// <param name="ThroughputPerSecond">Flows of both per second of the window.</param>
/// <param name="Replayed">What was replayed, which is no part of the figures before.</param>
/// <param name="UnstoredEvents">Events that the Monitor has not stored yet: in its queue, and fetched from it; absent while the broker
/// does not answer.</param>
/// <param name="UnreadableMessages">Different messages that came over the tap and are no events.</param>
public sealed record DashboardView(
    DateTimeOffset CollectedAt,
    double WindowSeconds,
    long? RetryQueueSize,
    long? DeadLetterQueueSize,
    long? ActiveHandlers,
    IReadOnlyList<ServiceQueueSizes> Queues,
    long EventsLastHour,
    long EventsToday,
    long OpenFlows,
    double OldestOpenFlowMs,
    long FlowsEnded,
    long FlowsFailed,
    double? P50Ms,
    double? P95Ms,
    double? P99Ms,
    double ErrorRate,
    double ThroughputPerSecond,
    ReplayedFlows Replayed,
    long? UnstoredEvents,
    long UnreadableMessages);

/// <summary>The queues of one service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Waiting">Events that wait to be handled.</param>
/// <param name="Handlers">Consumers at work.</param>
/// <param name="Retrying">Events that wait for a delayed retry.</param>
/// <param name="DeadLetters">Events that were given up.</param>
public sealed record ServiceQueueSizes(string Service, long Waiting, long Handlers, long Retrying, long DeadLetters);

/// <summary>Flows of the window that an operator's replay was part of.</summary>
/// <param name="Ended">Flows whose customer was notified.</param>
/// <param name="Failed">Replays after which an event was given up again.</param>
/// <param name="P50Ms">Half of those that ended took no longer, in milliseconds, the time as dead letters included; absent when there are
/// none.</param>
/// <param name="P95Ms">95 % of them.</param>
/// <param name="P99Ms">99 % of them.</param>
public sealed record ReplayedFlows(long Ended, long Failed, double? P50Ms, double? P95Ms, double? P99Ms);
