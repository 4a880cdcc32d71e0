using System.Collections.Frozen;
using System.Text;
using Google.Protobuf.Reflection;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Transport;

namespace OrderFlow.Messaging;

/// <summary>What a service publishes, what it handles, and the exchanges and queues that follow from it.</summary>
public sealed class MessagingWiring
{
    internal MessagingWiring(string service, IReadOnlyCollection<PublishRoute> published, IReadOnlyCollection<EventRoute> handled)
    {
        Service = service;
        Published = published.ToFrozenDictionary(route => route.Descriptor);
        PublishedByWireType = published.ToFrozenDictionary(route => route.WireType, StringComparer.Ordinal);
        Handled = handled.ToFrozenDictionary(route => route.WireType, StringComparer.Ordinal);
        Topology = new Topology(service, published.Select(route => route.WireType), [.. handled.Select(route => route.WireType)]);
    }

    /// <summary>The service's name, which is its queue's name, too.</summary>
    public string Service { get; }

    internal FrozenDictionary<MessageDescriptor, PublishRoute> Published { get; }

    internal FrozenDictionary<string, PublishRoute> PublishedByWireType { get; }

    internal FrozenDictionary<string, EventRoute> Handled { get; }

    internal Topology Topology { get; }

    /// <summary>The wiring as text: what goes where, and everything that the service declares at the broker.</summary>
    public string Describe()
    {
        var text = new StringBuilder().Append(Service).Append('\n');
        Section("publishes", Published.Values.OrderBy(route => route.WireType, StringComparer.Ordinal).Select(route =>
            $"{route.WireType} to {route.Exchange}{(route.RequireSubscriber ? "" : ", also without a subscriber")}"));
        Section("handles", Handled.Values.OrderBy(route => route.WireType, StringComparer.Ordinal).Select(route =>
            $"{route.WireType} by {route.HandlerName}{(route is ITransactionalRoute ? ", in a transaction" : "")}"));
        Section("exchanges", Topology.Exchanges.Select(exchange => $"{exchange} (topic, durable)"));
        Section("queues", Topology.Queues.Select(queue =>
            $"{queue.Name} ({string.Join(", ", queue.Arguments.Select(argument => $"{argument.Key}={argument.Value}"))})"));
        Section("bindings", Topology.Bindings.Select(binding => $"{binding.Exchange} --{binding.RoutingKey}--> {binding.Queue}"));
        return text.ToString();

        void Section(string title, IEnumerable<string> lines)
        {
            foreach (var (index, line) in lines.Index())
            {
                text.Append(index == 0 ? $"  {title}\n" : "").Append("    ").Append(line).Append('\n');
            }
        }
    }
}
