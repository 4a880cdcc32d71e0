using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Topology;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>Gives a service a copy of everything that others publish: it can neither slow nor stop them.</summary>
public static class TapSetup
{
    /// <summary>
    /// Adds a tap: a queue <c>{name}.tap</c> that gets a copy of every event, by <see cref="WireTapExchange.Exchange"/>, and every
    /// life-cycle event. When it is full, because nobody listens for long, it drops its oldest messages; a publisher is confirmed all the
    /// same. Of several replicas one consumes, and another takes over from it.
    /// </summary>
    /// <remarks>
    /// Options: section <c>Tap</c>, see <see cref="TapOptions"/>; heartbeat as in section <c>Messaging</c>. Health: the check
    /// <c>messaging</c>, tagged <c>ready</c>. An <c>IConnectionFactory</c> must be registered, see
    /// <see cref="MessageBrokerSetup.AddMessageBroker"/>.
    /// </remarks>
    /// <typeparam name="TReceiver">What gets the messages.</typeparam>
    /// <param name="builder">The host.</param>
    /// <param name="name">Whose tap it is.</param>
    /// <param name="formerly">Exchanges of events to which an earlier version bound the queue; that is taken back.</param>
    public static void AddTap<TReceiver>(this IHostApplicationBuilder builder, string name, IReadOnlyList<string> formerly)
        where TReceiver : class, ITapReceiver
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddMessagingOptions();
        services.AddOptions<TapOptions>().BindConfiguration(TapOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TapOptions>, TapOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BrokerConnector>();
        services.AddSingleton(new TapDescription(name, [WireTapExchange.Exchange, LifecycleEventNames.Exchange], formerly));
        services.TryAddSingleton<ITapReceiver, TReceiver>();
        services.AddSingleton<TapConnection>();
        services.AddSingleton<ITap>(provider => provider.GetRequiredService<TapConnection>());
        services.AddHostedService(provider => provider.GetRequiredService<TapConnection>());
        services.AddHealthChecks().AddCheck<TapHealthCheck>("messaging", tags: ["ready"]);
    }
}
