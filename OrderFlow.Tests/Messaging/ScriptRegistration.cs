using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.Tests.Messaging;

internal static class ScriptRegistration
{
    public static void AddScript<TEvent>(this IServiceCollection services, HandlerScript<TEvent> script) => services.AddSingleton(script);
}
