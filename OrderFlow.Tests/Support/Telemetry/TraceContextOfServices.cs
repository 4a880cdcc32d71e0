using System.Diagnostics;
using System.Runtime.CompilerServices;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>Gives every test the propagator that <c>AddServiceDefaults</c> sets in a service, whichever test runs first.</summary>
internal static class TraceContextOfServices
{
#pragma warning disable CA2255 // A test assembly is nobody's library.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Use() => DistributedContextPropagator.Current = new W3CTraceContext();
}
