using System.Text.Json.Serialization;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.NotificationService.Simulation;

/// <summary>
/// <c>GET</c> and <c>PUT /simulation/failure-rate</c>: the share of the deliveries that fail from the next one on.
/// </summary>
/// <remarks>
/// Only the rate is switched; <see cref="SimulatedFailureOptions.FailureMode"/> stays as configured. At 1 both modes do the same, and what
/// is seen is what an outage of the mail server would cause: every notification fails, is retried in the process and then later through
/// the retry queues, and becomes a dead letter when those are used up. Back at 0, what still waits for a retry is sent by it, and dead
/// letters are sent when they are replayed.
/// </remarks>
internal static class FailureRateSwitch
{
    public static void MapFailureRateSwitch(this WebApplication app)
    {
        var failure = app.Services.GetRequiredService<SimulatedFailure>();
        app.MapSimulationSwitch("failure-rate", SimulationJson.Default.FailureRateState, () => new FailureRateState(failure.Rate), state =>
        {
            if (state.FailureRate is not (>= 0 and <= 1))
            {
                return "failureRate must be a number from 0 (none fails) to 1 (all fail).";
            }

            failure.Rate = state.FailureRate;
            return null;
        });
    }
}

internal sealed record FailureRateState(double FailureRate);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FailureRateState))]
internal sealed partial class SimulationJson : JsonSerializerContext;
