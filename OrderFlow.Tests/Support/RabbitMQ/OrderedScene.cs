using System.Collections.Concurrent;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>
/// Replicas of a service that handles events in order, and what they did. An event is the number it has within its aggregate, from 0.
/// </summary>
internal sealed class OrderedScene(TestBus bus, int partitions = 4) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _underway = new(StringComparer.Ordinal);

    public TestBus Bus => bus;

    public string Service => bus.NameOf("handler");

    /// <summary>Attempts, in the order in which they began.</summary>
    public ConcurrentQueue<(string Replica, string Aggregate, int Number, EventContext Context)> Begun { get; } = [];

    /// <summary>Successes, in their order.</summary>
    public ConcurrentQueue<(string Replica, string Aggregate, int Number)> Done { get; } = [];

    /// <summary>Attempts that began while another of the aggregate was under way at the same replica.</summary>
    public ConcurrentQueue<string> Overlaps { get; } = [];

    /// <summary>What an attempt does before it succeeds.</summary>
    public Func<string, string, int, EventContext, Task> Work { get; set; } = (_, _, _, _) => Task.CompletedTask;

    public static async Task<OrderedScene> OnAsync(BrokerFixture broker, int partitions = 4) =>
        new(await TestBus.OnAsync(broker), partitions);

    public Task<TestService> StartReplicaAsync(
        string replica = "first", string tiers = "", Action<Dictionary<string, string?>>? configure = null) => bus.StartAsync(
        "handler",
        wiring => wiring.HandlesInOrder(partitions).Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
        settings =>
        {
            settings["Messaging:Retries"] = "0";
            settings["Messaging:RetryTiers"] = tiers;
            settings["Messaging:BrakeAtFailureRate"] = "2";
            configure?.Invoke(settings);
        },
        services => services.AddScript(
            new HandlerScript<OrderCreated>((context, order, _) => HandleAsync(replica, context.Event, int.Parse(order.OrderId)))));

    /// <summary>Publishes in this order.</summary>
    public static async Task<List<(
        string Aggregate, Guid Id)>> PublishAsync(TestService publisher, params IEnumerable<(string Aggregate, int Number)> events)
    {
        List<OutgoingEvent> outgoing =
        [
            .. events.Select(
                @event => new OutgoingEvent(
                    new OrderCreated { OrderId = $"{@event.Number}" }, Flow.Start() with { AggregateId = @event.Aggregate })),
        ];
        await publisher.Publisher.PublishAsync(outgoing, TestContext.Current.CancellationToken);
        return [.. outgoing.Select(sent => (sent.Context.AggregateId!, sent.Context.EventId))];
    }

    public Task DoneAsync(int count) =>
        Wait.UntilAsync(
            () => $"{count} events are handled ({Firsts().Count} now)",
            () => Task.FromResult(Firsts().Count >= count),
            TimeSpan.FromSeconds(90));

    /// <summary>The first success of each event, in their order.</summary>
    public List<(string Aggregate, int Number)> Firsts() => [.. Done.Select(done => (done.Aggregate, done.Number)).Distinct()];

    /// <summary>The numbers of an aggregate's events, in the order of their first success.</summary>
    public List<int> OrderOf(string aggregate) => [.. Firsts().Where(done => done.Aggregate == aggregate).Select(done => done.Number)];

    public IEnumerable<string> Partitions => Enumerable.Range(0, partitions).Select(number => $"{Service}.{number}");

    public async Task<long> CountAsync(RawClient raw)
    {
        var count = 0L;
        foreach (var queue in Partitions)
        {
            count += await raw.CountAsync(queue);
        }

        return count;
    }

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    private async Task HandleAsync(string replica, EventContext context, int number)
    {
        var aggregate = context.AggregateId!;
        Begun.Enqueue((replica, aggregate, number, context));
        if (_underway.AddOrUpdate($"{replica} {aggregate}", 1, (_, count) => count + 1) > 1)
        {
            Overlaps.Enqueue($"{aggregate}/{number}");
        }

        try
        {
            await Work(replica, aggregate, number, context);
            Done.Enqueue((replica, aggregate, number));
        }
        finally
        {
            _underway.AddOrUpdate($"{replica} {aggregate}", 0, (_, count) => count - 1);
        }
    }
}
