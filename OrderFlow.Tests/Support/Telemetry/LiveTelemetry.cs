namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>
/// Activity listeners belong to the process: a service under test would see, and sample, the requests of another one.
/// What runs a real service inside the test process therefore runs alone.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveTelemetry
{
    public const string Name = "Live telemetry";
}
