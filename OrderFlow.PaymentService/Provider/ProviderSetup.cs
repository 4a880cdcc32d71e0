using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.PaymentService.Provider;

internal static class ProviderSetup
{
    public static void AddPaymentProvider(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatedProviderOptions>().BindConfiguration(SimulatedProviderOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulatedProviderOptions>, SimulatedProviderOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<SimulatedLatency>();
        builder.Services.AddSingleton<IPaymentProvider, SimulatedProvider>();
        builder.AddSimulationSwitches();
    }
}
