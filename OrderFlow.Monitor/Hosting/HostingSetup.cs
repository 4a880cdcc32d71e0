using Microsoft.Extensions.Options;

namespace OrderFlow.Monitor.Hosting;

/// <summary>What every folder of the Monitor uses: options, validated at the start, and instruments.</summary>
internal static class HostingSetup
{
    public static void AddHosting(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<MonitorOptions>().BindConfiguration(MonitorOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<MonitorOptions>, MonitorOptionsValidator>();
        builder.Services.AddSingleton<MonitorInstruments>();
    }
}
