namespace OrderFlow.Monitor.Traces;

/// <summary>
/// What a flow waited for, from the begin of its first span to the end of its last: one thing at each moment, a span's own work or a wait
/// between spans. So the parts sum to the whole.
/// </summary>
/// <param name="Micros">The whole, in microseconds.</param>
/// <param name="Steps">One after the other, without a gap.</param>
/// <param name="Shares">The same by operation, what took most first.</param>
/// <param name="ClockSkews">Where the clocks contradict the spans; times between those services are as uncertain as that.</param>
public sealed record CriticalPath(
    long Micros, IReadOnlyList<PathStep> Steps, IReadOnlyList<PathShare> Shares, IReadOnlyList<ClockSkew> ClockSkews);

/// <summary>A part of the path.</summary>
/// <param name="TraceId">The trace of the span.</param>
/// <param name="SpanId">The span that was at work, or that the wait ended with.</param>
/// <param name="Service">Whose span it is.</param>
/// <param name="Operation">The name of the span.</param>
/// <param name="Waiting">Where it waited, if it is a wait: a stage of the latency ledger, such as <c>broker</c>, <c>buffer</c>,
/// <c>outbox</c> or <c>retry</c>; <c>unaccounted</c> when no stored span says.</param>
/// <param name="OffsetMicros">How long after the flow's begin, in microseconds.</param>
/// <param name="Micros">How long, in microseconds.</param>
public sealed record PathStep(
    string TraceId, string SpanId, string Service, string Operation, string? Waiting, long OffsetMicros, long Micros);

/// <summary>What all steps of one operation took, or all waits before it at one place.</summary>
/// <param name="Name">In words: <c>payment-service: process payment.requested</c>, <c>waiting before …</c>.</param>
/// <param name="Service">As in the steps.</param>
/// <param name="Operation">As in the steps.</param>
/// <param name="Waiting">As in the steps.</param>
/// <param name="Times">How many steps.</param>
/// <param name="Micros">Together, in microseconds.</param>
/// <param name="Share">Of the whole, 0 to 1.</param>
public sealed record PathShare(string Name, string Service, string Operation, string? Waiting, int Times, long Micros, double Share);

/// <summary>A span that began before the span that caused it.</summary>
/// <param name="Service">Whose clock is behind.</param>
/// <param name="Behind">Behind whose.</param>
/// <param name="Micros">By how much at least, in microseconds.</param>
public sealed record ClockSkew(string Service, string Behind, long Micros);
