namespace OrderFlow.NotificationService.NotifyCustomer;

internal static class NotifyCustomerSetup
{
    public static void AddNotifyCustomer(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NotificationInstruments>();
        builder.Services.AddSingleton(services => services.GetRequiredService<NotificationInstruments>().EndToEndFromZero());
        builder.Services.AddSingleton<EndToEndLatency>();
        builder.Services.AddSingleton<ICustomerChannel, LogChannel>();
    }
}
