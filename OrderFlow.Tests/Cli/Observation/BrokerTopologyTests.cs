using System.Text.Json;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Observation;

namespace OrderFlow.Tests.Cli.Observation;

/// <summary>
/// The topology that is read from the management API: a service with two partitions, one with one queue, and the Monitor.
/// </summary>
public sealed class BrokerTopologyTests
{
    private const string Queues = """
        [
            { "name": "stock", "arguments": { "x-dead-letter-routing-key": "stock.undelivered" } },
            { "name": "stock.retry.1s", "arguments": { "x-dead-letter-routing-key": "stock" } },
            { "name": "stock.undelivered", "arguments": { "x-dead-letter-routing-key": "stock.dead-letters" } },
            { "name": "stock.dead-letters", "arguments": { "x-dead-letter-routing-key": "stock.parking-lot" } },
            { "name": "stock.parking-lot", "arguments": {} },
            { "name": "ship.0", "arguments": { "x-dead-letter-routing-key": "ship.undelivered" } },
            { "name": "ship.1", "arguments": { "x-dead-letter-routing-key": "ship.undelivered" } },
            { "name": "ship.undelivered", "arguments": { "x-dead-letter-routing-key": "ship.dead-letters" } },
            { "name": "ship.dead-letters", "arguments": { "x-dead-letter-routing-key": "ship.parking-lot" } },
            { "name": "ship.parking-lot", "arguments": {} },
            { "name": "monitor.tap", "arguments": {} }
        ]
        """;

    private const string Bindings = """
        [
            { "source": "", "routing_key": "stock", "destination": "stock", "destination_type": "queue" },
            { "source": "order.events", "routing_key": "order.created", "destination": "stock", "destination_type": "queue" }
        ]
        """;

    private static readonly BrokerTopology Topology = BrokerTopology.Of(
        JsonDocument.Parse(Queues).RootElement, JsonDocument.Parse(Bindings).RootElement);

    [Fact]
    public void Service_retry_and_undelivered_queues_are_recognised()
    {
        Topology.ServiceQueues.ShouldBe(["stock", "ship.0", "ship.1"], ignoreOrder: true);
        Topology.RetryQueues.ShouldBe(["stock.retry.1s"]);
        Topology.UndeliveredQueues.ShouldBe(["stock.undelivered", "ship.undelivered"], ignoreOrder: true);
        Topology.QueuesOf("ship").ShouldBe(["ship.0", "ship.1"], ignoreOrder: true);
    }

    [Fact]
    public void Dead_letters_are_in_the_dead_letter_queue_or_in_the_parking_lot_behind_it()
    {
        Topology.DeadLetterQueues.ShouldBe(
            ["stock.dead-letters", "stock.parking-lot", "ship.dead-letters", "ship.parking-lot"], ignoreOrder: true);
        Topology.DeadLettersOf["stock"].ShouldBe(["stock.dead-letters", "stock.parking-lot"]);
        Topology.DeadLettersOf["ship.1"].ShouldBe(["ship.dead-letters", "ship.parking-lot"]);
    }

    [Fact]
    public void An_event_goes_where_its_exchange_is_bound() =>
        Topology.Routes[("order.events", "order.created")].ShouldBe([new Destination("stock", IsQueue: true)]);
}
