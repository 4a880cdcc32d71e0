using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.Tests.Support.RabbitMQ;

internal static class ScriptRegistration
{
    public static void AddScript<TEvent>(this IServiceCollection services, HandlerScript<TEvent> script) => services.AddSingleton(script);
}
