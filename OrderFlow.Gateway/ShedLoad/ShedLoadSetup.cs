using Microsoft.Extensions.Options;
using OrderFlow.Gateway.PlaceOrder;

namespace OrderFlow.Gateway.ShedLoad;

internal static class ShedLoadSetup
{
    public static void AddAdmission(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OrderPace>();
        builder.Services.AddSingleton(services => new Admission(
            services.GetRequiredService<IOptions<PlaceOrderOptions>>().Value.LongestWait, services.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Turns orders away that would wait for too long, as the services tell over the broker that is registered.</summary>
    public static void AddLoadShedding(this WebApplicationBuilder builder) => builder.Services.AddHostedService<HeartbeatListener>();
}
