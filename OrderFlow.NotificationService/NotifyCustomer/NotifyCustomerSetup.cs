using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Storage;

namespace OrderFlow.NotificationService.NotifyCustomer;

internal static class NotifyCustomerSetup
{
    public static void AddNotifyCustomer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<NotificationOptions>().BindConfiguration(NotificationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NotificationOptions>, NotificationOptionsValidator>();
        services.AddSingleton<NotificationInstruments>();
        services.AddSingleton(provider =>
            provider.GetRequiredService<NotificationInstruments>().StagesFromZero(FlowNames.OrderCreation, StageLabels.Ordinary));
        services.AddSingleton<FlowStages>();
        services.AddSingleton<NotificationDatabase>();
        services.AddSingleton<NotificationRecord>();
        services.AddSingleton<GoneWebhooks>();
        services.AddHealthChecks().AddCheck<WebhookHealthCheck>("webhook", tags: ["ready"]);
        services.AddSingleton<CustomerNotifier>();
        services.AddSingleton<LogChannel>();
        services.AddSingleton<SmtpChannel>();
        services.AddSingleton(provider => new WebhookChannel(
            // One for the life of the process.
            new HttpClient(WebhookChannel.CreateHandler()),
            provider.GetRequiredService<GoneWebhooks>(),
            provider.GetRequiredService<IOptions<NotificationOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICustomerChannel>(provider =>
            provider.GetRequiredService<IOptions<NotificationOptions>>().Value.Channel switch
        {
            ChannelKind.Smtp => provider.GetRequiredService<SmtpChannel>(),
            ChannelKind.Webhook => provider.GetRequiredService<WebhookChannel>(),
            _ => provider.GetRequiredService<LogChannel>(),
        });
    }
}
