using Microsoft.Extensions.Options;

namespace OrderFlow.OrderService.ExpireOrder;

internal static class ExpireOrderSetup
{
    public static void AddExpireOrder(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ExpireOrderOptions>().BindConfiguration(ExpireOrderOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ExpireOrderOptions>, ExpireOrderOptionsValidator>();
    }
}
