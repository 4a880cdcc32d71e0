namespace OrderFlow.ServiceDefaults.Metrics;

internal enum FamilyKind
{
    Counter,
    Gauge,
    Histogram,
    Info,
}
