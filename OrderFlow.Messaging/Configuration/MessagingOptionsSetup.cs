using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging.Configuration;

/// <summary>Binds the options of the bus.</summary>
public static class MessagingOptionsSetup
{
    /// <summary>
    /// Binds <see cref="MessagingOptions"/> to the configuration section <c>Messaging</c>; a wrong value ends the service when it starts.
    /// </summary>
    public static void AddMessagingOptions(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<MessagingOptions>().BindConfiguration(MessagingOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MessagingOptions>, MessagingOptionsValidator>());
    }
}
