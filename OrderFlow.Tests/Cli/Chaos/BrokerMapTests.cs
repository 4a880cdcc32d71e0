using System.Text.Json;
using OrderFlow.Cli.Faults.Messages;

namespace OrderFlow.Tests.Cli.Chaos;

/// <summary>What the management API says of a service with two partitions, of one with one queue, and of the Monitor.</summary>
public sealed class BrokerMapTests
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

    private static readonly BrokerMap Map = BrokerMap.Of(JsonDocument.Parse(Queues).RootElement, JsonDocument.Parse(Bindings).RootElement);

    [Fact]
    public void Queues_that_services_consume_are_told_from_those_behind_them()
    {
        Map.ServiceQueues.ShouldBe(["stock", "ship.0", "ship.1"], ignoreOrder: true);
        Map.RetryQueues.ShouldBe(["stock.retry.1s"]);
        Map.UndeliveredQueues.ShouldBe(["stock.undelivered", "ship.undelivered"], ignoreOrder: true);
        Map.QueuesOf("ship").ShouldBe(["ship.0", "ship.1"], ignoreOrder: true);
    }

    [Fact]
    public void Dead_letters_are_in_the_dead_letter_queue_or_in_the_parking_lot_behind_it()
    {
        Map.DeadLetterQueues.ShouldBe(["stock.dead-letters", "stock.parking-lot", "ship.dead-letters", "ship.parking-lot"], ignoreOrder: true);
        Map.DeadLettersOf["stock"].ShouldBe(["stock.dead-letters", "stock.parking-lot"]);
        Map.DeadLettersOf["ship.1"].ShouldBe(["ship.dead-letters", "ship.parking-lot"]);
    }

    [Fact]
    public void An_event_goes_where_its_exchange_is_bound() =>
        Map.Routes[("order.events", "order.created")].ShouldBe([new Destination("stock", IsQueue: true)]);
}
