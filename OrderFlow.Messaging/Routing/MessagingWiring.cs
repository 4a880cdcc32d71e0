using System.Collections.Frozen;
using System.Text;
using Google.Protobuf.Reflection;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Topology;

namespace OrderFlow.Messaging.Routing;

/// <summary>What a service publishes, what it handles, and the exchanges and queues that follow from it.</summary>
public sealed class MessagingWiring
{
    /// <summary>
    /// Half of the time that the broker gives a consumer to acknowledge, by default; the rest is for attempts and for waiting behind
    /// others.
    /// </summary>
    internal static readonly TimeSpan LongestOrderedWait = TimeSpan.FromMinutes(15);

    private readonly IReadOnlyList<TimeSpan> _retryTiers;

    internal MessagingWiring(
        string service,
        IReadOnlyCollection<PublishRoute> published,
        IReadOnlyCollection<EventRoute> handled,
        IReadOnlyList<TimeSpan> retryTiers,
        int partitions = 0)
    {
        Service = service;
        Published = published.ToFrozenDictionary(route => route.Descriptor);
        PublishedByWireType = published.ToFrozenDictionary(route => route.WireType, StringComparer.Ordinal);
        Handled = handled.ToFrozenDictionary(route => route.WireType, StringComparer.Ordinal);
        _retryTiers = retryTiers;
        Topology = new ServiceTopology(
            service,
            published.Select(route => route.WireType),
            [.. handled.Select(route => route.WireType)],
            handled.SelectMany(RetryTiersOf),
            partitions);
        if (KeepsOrder && handled.FirstOrDefault(route => TotalOf(RetryTiersOf(route)) > LongestOrderedWait) is { } patient)
        {
            throw new InvalidOperationException(
                $"{service} handles events in order, so {patient.WireType} waits for its delayed retries unacknowledged, " +
                $"{TotalOf(RetryTiersOf(patient))} in all; at most {LongestOrderedWait} are allowed, " +
                "because the broker takes its connection from a consumer that acknowledges nothing for 30 minutes. " +
                $"Give {patient.HandlerName} shorter tiers: " +
                $"{MessagingOptions.Section}:{nameof(MessagingOptions.RetryTiers)}, or retry => retry.After(…).");
        }
    }

    /// <summary>The service's name, which is its queue's name, too.</summary>
    public string Service { get; }

    /// <summary>The ways of the events that it handles to their handlers.</summary>
    public IReadOnlyCollection<EventRoute> Routes => Handled.Values;

    internal FrozenDictionary<MessageDescriptor, PublishRoute> Published { get; }

    internal FrozenDictionary<string, PublishRoute> PublishedByWireType { get; }

    internal FrozenDictionary<string, EventRoute> Handled { get; }

    internal ServiceTopology Topology { get; }

    /// <summary>Whether events may overtake one another on their way to the broker.</summary>
    internal bool PublishesInAnyOrder { get; init; }

    /// <summary>Whether the events of one aggregate are handled one after the other, in the order in which they were published.</summary>
    internal bool KeepsOrder => Topology.Ordering is not null;

    /// <summary>The delays of the handler's delayed retries, one after the other.</summary>
    internal IReadOnlyList<TimeSpan> RetryTiersOf(EventRoute route) => route.Retry.Delays ?? _retryTiers;

    private static TimeSpan TotalOf(IReadOnlyList<TimeSpan> tiers) => new(tiers.Sum(tier => tier.Ticks));

    /// <summary>The wiring as text: what goes where, and everything that the service declares at the broker.</summary>
    public string Describe()
    {
        var text = new StringBuilder().Append(Service).Append('\n');
        Section("publishes", Published.Values.OrderBy(route => route.WireType, StringComparer.Ordinal).Select(route =>
            $"{route.WireType} to {route.Exchange}{(route.RequireSubscriber ? "" : ", also without a subscriber")}"));
        Section("handles", Handled.Values.OrderBy(route => route.WireType, StringComparer.Ordinal).Select(route =>
            $"{route.WireType} by {route.HandlerName}{(route.IsTransactional ? ", in a transaction" : "")}"
            + $"{(KeepsOrder ? ", in order per aggregate" : "")}{Retries(route)}"));
        Section("tells", Handled.Count == 0 ? [] : [
            $"{LifecycleEventNames.RetryQueued}, {LifecycleEventNames.DeadLettered}, "
            + $"and of replayed events {LifecycleEventNames.Handled}, to {LifecycleEventNames.Exchange}, also without a subscriber"]);
        Section("exchanges", Topology.Exchanges.Select(exchange => $"{exchange} (topic, durable)").Concat(OrderingExchange()));
        Section("queues", Topology.Queues.Select(queue =>
            $"{queue.Name} ({Joined(queue.Arguments)})"));
        Section(
            "bindings",
            Topology.Bindings.Concat(Topology.Ordering?.Bindings ?? [])
                .Select(binding => $"{binding.Exchange} --{binding.RoutingKey}--> {binding.Target}"));
        return text.ToString();

        IEnumerable<string> OrderingExchange() => Topology.Ordering is not { } ordering ? [] :
            [$"{ordering.Exchange} ({OrderingDeclaration.ExchangeType}, durable, {Joined(OrderingDeclaration.Arguments)})"];

        static string Joined(IEnumerable<KeyValuePair<string, object?>> arguments) =>
            string.Join(", ", arguments.Select(argument => $"{argument.Key}={argument.Value}"));

        string Retries(EventRoute route) =>
            string.Concat(RetryTiersOf(route).Select((delay, tier) => $"{(tier == 0 ? ", again after " : ", ")}{RetryDelays.Name(delay)}"));

        void Section(string title, IEnumerable<string> lines)
        {
            foreach (var (index, line) in lines.Index())
            {
                text.Append(index == 0 ? $"  {title}\n" : "").Append("    ").Append(line).Append('\n');
            }
        }
    }
}
