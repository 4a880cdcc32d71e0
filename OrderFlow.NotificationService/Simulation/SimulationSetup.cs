using Microsoft.Extensions.Options;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.NotificationService.Simulation;

/// <summary>Adds the work and the failures that NotificationService can pretend.</summary>
internal static class SimulationSetup
{
    public static void AddSimulation(this WebApplicationBuilder builder)
    {
        builder.AddSimulatedWork();
        builder.Services.AddOptions<SimulatedFailureOptions>().BindConfiguration(SimulatedFailureOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulatedFailureOptions>, SimulatedFailureOptionsValidator>();
        builder.Services.AddSingleton<SimulatedFailure>();
        builder.AddSimulationSwitches();
    }
}
