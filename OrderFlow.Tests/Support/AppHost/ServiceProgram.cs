using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.AppHost;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Routing;
using OrderFlow.Messaging.Topology;

namespace OrderFlow.Tests.Support.AppHost;

/// <summary>What the real program of a service declares at the broker, and where it publishes to; the program is not started.</summary>
internal sealed record ServiceProgram(ServiceTopology Topology, IReadOnlyList<string> Publishes)
{
    private static readonly string[] Databases =
        [ResourceNames.Orders, ResourceNames.Payments, ResourceNames.Notifications, ResourceNames.Events];

    private static readonly string[] NobodyAnswers =
    [
        "--ConnectionStrings:messaging=amqp://nobody:nothing@127.0.0.1:1",
        .. Databases.Select(database => $"--ConnectionStrings:{database}=Host=127.0.0.1;Port=1;Username=nobody;Database={database}"),
    ];

    /// <param name="service">The service's resource, such as <c>order-service</c>.</param>
    public static ServiceProgram Of(string service)
    {
        var assembly =
            Assembly.Load($"OrderFlow.{string.Concat(service.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}");
        using var host = Build(assembly);
        if (host.Services.GetService<TapDescription>() is { } tap)
        {
            return new(ServiceTopology.ForTap(tap.Queue, tap.Exchanges, tap.Formerly), [LifecycleEventNames.Exchange]);
        }

        var wiring = host.Services.GetRequiredService<MessagingWiring>();
        string[] notices = wiring.Handled.Count == 0 ? [] : [LifecycleEventNames.Exchange];
        return new(
            wiring.Topology,
            [
                .. wiring.Published.Values.Select(route => route.Exchange).Append(WireTapExchange.Exchange), .. notices,
                ServiceHeartbeat.Exchange,
            ]);
    }

    /// <summary>Runs the program until its host is built, and then no further.</summary>
    private static IHost Build(Assembly program)
    {
        using var listener = new HostListener();
        try
        {
            program.EntryPoint!.Invoke(null, [NobodyAnswers]);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is HostAbortedException)
        {
            // As the listener wanted it.
        }

        return listener.Host ?? throw new InvalidOperationException($"{program.GetName().Name} built no host.");
    }

    private sealed class HostListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly int _thread = Environment.CurrentManagedThreadId;
        private readonly List<IDisposable> _subscriptions = [];

        public HostListener() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

        public IHost? Host { get; private set; }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                _subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            // Other tests build hosts, too.
            if (value.Key == "HostBuilt" && Environment.CurrentManagedThreadId == _thread)
            {
                Host = (IHost)value.Value!;
                throw new HostAbortedException();
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
    }
}
