using OrderFlow.Cli.Observation;

namespace OrderFlow.Cli.Reporting;

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
