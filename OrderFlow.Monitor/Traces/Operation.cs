namespace OrderFlow.Monitor.Traces;

/// <summary>
/// How an operation went in the last minutes: of every span that services sent, whether its trace is kept or not.
/// </summary>
/// <param name="Service">Who does it.</param>
/// <param name="Name">The name of its spans.</param>
/// <param name="Kind">Their kind.</param>
/// <param name="Count">How many there are.</param>
/// <param name="MeanMs">Mean duration in milliseconds.</param>
/// <param name="P50Ms">Median, to within 1 %.</param>
/// <param name="P99Ms">The 99th percentile, to within 1 %.</param>
/// <param name="ErrorRate">Share of those that failed, 0 to 1.</param>
public sealed record Operation(
    string Service, string Name, string Kind, long Count, double MeanMs, double P50Ms, double P99Ms, double ErrorRate);

/// <summary>The operations of the last minutes, those first that took the most time together.</summary>
/// <param name="Minutes">How many minutes.</param>
/// <param name="Services">The services, by what they were asked for.</param>
/// <param name="Operations">The operations; the first 500 of them.</param>
public sealed record OperationList(int Minutes, IReadOnlyList<ServiceTotal> Services, IReadOnlyList<Operation> Operations);

/// <summary>
/// How a service did what it was asked for: requests that it answered and deliveries that it handled. Its other spans are parts of these.
/// </summary>
/// <param name="Service">Who.</param>
/// <param name="Count">How many there are.</param>
/// <param name="MeanMs">Mean duration in milliseconds.</param>
/// <param name="P50Ms">Median, to within 1 %.</param>
/// <param name="P99Ms">The 99th percentile, to within 1 %.</param>
/// <param name="ErrorRate">Share of those that failed, 0 to 1.</param>
public sealed record ServiceTotal(string Service, long Count, double MeanMs, double P50Ms, double P99Ms, double ErrorRate);
