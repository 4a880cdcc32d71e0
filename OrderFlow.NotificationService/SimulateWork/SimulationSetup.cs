using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.NotificationService.SimulateWork;

internal static class SimulationSetup
{
    public static void AddSimulation(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulationOptions>().BindConfiguration(SimulationOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulationOptions>, SimulationOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<SimulatedWork>();
        builder.Services.AddSingleton<SimulatedFailure>();
        builder.AddSimulationSwitches();
    }
}
