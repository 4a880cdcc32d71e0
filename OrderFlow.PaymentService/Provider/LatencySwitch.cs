using System.Text.Json.Serialization;
using OrderFlow.ServiceDefaults.Json;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.PaymentService.Provider;

/// <summary>
/// <c>GET</c> and <c>PUT /simulation/latency</c>: how long the simulated provider takes from the next payment on, in milliseconds;
/// <see langword="null"/> for what is configured. Payments under way take what they began with.
/// </summary>
internal static class LatencySwitch
{
    public static void MapLatencySwitch(this WebApplication app)
    {
        var latency = app.Services.GetRequiredService<SimulatedLatency>();
        app.MapSimulationSwitch("latency", SimulationJson.Default.LatencyState, () => new LatencyState(latency.SwitchedMs), state =>
        {
            if (state.LatencyMs is not (null or (>= 0 and <= SimulatedProviderOptions.LongestMs)))
            {
                return $"latencyMs must be a whole number from 0 to {SimulatedProviderOptions.LongestMs}, or null for what is configured.";
            }

            latency.SwitchedMs = state.LatencyMs;
            return null;
        });
    }
}

internal sealed record LatencyState(int? LatencyMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(IntegerConverter)],
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(LatencyState))]
internal sealed partial class SimulationJson : JsonSerializerContext;
