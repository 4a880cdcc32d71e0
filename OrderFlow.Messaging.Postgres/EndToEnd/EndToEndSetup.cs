using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Postgres.EndToEnd;

/// <summary>Gives a service the end-to-end latency of the flows that end there.</summary>
public static class EndToEndSetup
{
    /// <summary>
    /// Has the bus observe each flow that the service gives up as a failure, and one replica tell what is observed; needs
    /// <c>builder.AddDurability(…)</c>. A service that ends flows well commits a <see cref="EndToEndLatency.End"/> of its own.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="flows">The flows that a label names.</param>
    /// <param name="endedWell">Of a service at which flows end well: the SQL condition that the flow of event <c>$6</c> has, so that
    /// nothing that becomes of the event after that is a failure. <see langword="null"/> of another service.</param>
    public static void AddEndToEndLatency(this IHostApplicationBuilder builder, IReadOnlyList<string> flows, string? endedWell = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string[] statuses = endedWell is not null
            ? [EndToEndLatency.Success, EndToEndLatency.Failure]
            : [EndToEndLatency.Failure];
        builder.Services.AddSingleton(new EndToEndLatency(flows, statuses));
        builder.Services.AddSingleton<EndToEndMeter>();
        builder.Services.AddSingleton<IGivenUpFlowRecorder>(
            provider => ActivatorUtilities.CreateInstance<GivenUpFlows>(provider, endedWell ?? "false"));
    }
}
