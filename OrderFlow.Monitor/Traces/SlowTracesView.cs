namespace OrderFlow.Monitor.Traces;

/// <summary>In what the slow traces of the last minutes differ from the normal ones that began with the same operation.</summary>
/// <param name="Minutes">How many minutes.</param>
/// <param name="Flows">The operations that traces began with, those first that took the most time together; the first 100.</param>
/// <param name="Flow">The one that is compared; absent when no trace began with it.</param>
/// <param name="Traces">Traces that began with it, as far as they are complete and of no more than 500 spans: the latest 10,000 that are
/// stored, each counted for those it stands for.</param>
/// <param name="SlowerThanMs">From when on a trace counts as slow, in milliseconds, if it was asked for; otherwise the slowest 5 %
/// do.</param>
/// <param name="Answer">What differs most, in words, or why nothing can be said.</param>
/// <param name="Slow">The slow ones; absent when there are too few to compare.</param>
/// <param name="Normal">The middle fifth.</param>
/// <param name="Differences">By operation on the critical path, what takes the slow ones most first; the differences sum to that of the
/// means.</param>
public sealed record SlowTracesView(
    int Minutes,
    IReadOnlyList<TracedFlow> Flows,
    TracedFlow? Flow,
    int Traces,
    double? SlowerThanMs,
    string Answer,
    TraceGroup? Slow,
    TraceGroup? Normal,
    IReadOnlyList<PathDifference> Differences);

/// <summary>Traces that begin with the same operation.</summary>
/// <param name="Service">Whose operation it is.</param>
/// <param name="Operation">The name of their first span.</param>
/// <param name="Traces">How many there are.</param>
public sealed record TracedFlow(string Service, string Operation, long Traces);

/// <summary>Traces on one side of the comparison.</summary>
/// <param name="Traces">How many there are, those included that are not kept.</param>
/// <param name="Read">How many of the stored ones were read, evenly spread; at most 50.</param>
/// <param name="MeanMicros">What those took on average, in microseconds.</param>
/// <param name="Slowest">Up to five of them, the slowest first.</param>
public sealed record TraceGroup(int Traces, int Read, double MeanMicros, IReadOnlyList<TracedTime> Slowest);

/// <summary>A trace and what it took.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Micros">In microseconds.</param>
public sealed record TracedTime(string TraceId, long Micros);

/// <summary>What an operation, or a wait before it, adds to slow and to normal traces.</summary>
/// <param name="Name">In words, as on a critical path.</param>
/// <param name="SlowMeanMicros">Per slow trace, in microseconds.</param>
/// <param name="NormalMeanMicros">Per normal trace.</param>
/// <param name="MoreMicros">The difference; negative for what took the slow ones less.</param>
public sealed record PathDifference(string Name, double SlowMeanMicros, double NormalMeanMicros, double MoreMicros);
