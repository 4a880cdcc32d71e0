using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Simulation;

/// <summary>Gives a service <see cref="SimulatedWork"/> for its handlers.</summary>
public static class SimulatedWorkSetup
{
    /// <summary>
    /// Adds the settings <c>Simulation:MinWorkMs</c> and <c>Simulation:MaxWorkMs</c>, validated at start; both are 0 by default.
    /// </summary>
    public static void AddSimulatedWork(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatedWorkOptions>().BindConfiguration(SimulatedWorkOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulatedWorkOptions>, SimulatedWorkOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(provider =>
            new SimulatedWork(provider.GetRequiredService<IOptions<SimulatedWorkOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }
}
