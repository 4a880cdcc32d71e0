using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;
using OrderFlow.Tests.Support.Cli;

namespace OrderFlow.Tests.Cli.Verification;

/// <summary>Dead letters of orders and of injected garbage in the comparison with the customers' ledger.</summary>
public sealed class DeadLetterComparisonTests : OrderScenario
{
    [Fact]
    public void An_order_whose_event_is_a_dead_letter_is_reported_as_that_and_not_lost()
    {
        var seen = Guid.NewGuid();
        Known.Add(new("order-1", OrderAnswer.Accepted, seen, Content(false)));
        Observed = Observed with
        {
            DeadLetters = [new("order-service.dead-letters", null, "handler_failed", "order.created", seen.ToString())],
        };

        var discrepancies = Compare();

        discrepancies.IsClean.ShouldBeTrue(Text(discrepancies));
        discrepancies.DeadLettered.ShouldContain($"order.created of order {seen} is in order-service.dead-letters: handler_failed");
    }

    [Fact]
    public void Garbage_must_be_a_dead_letter_with_a_reason_where_it_was_sent()
    {
        Observed = Observed with
        {
            Garbage = [Garbage("a"), Garbage("b"), Garbage("c"), Garbage("d")],
            DeadLetters =
            [
                new("x.dead-letters", "a", "unknown_type", null, null), new("x.dead-letters", "a", "unknown_type", null, null),
                new("y.dead-letters", "b", "unknown_type", null, null), new("x.dead-letters", "c", "", null, null),
                new("x.parking-lot", "d", "broker: delivery_limit", null, null),
            ],
        };

        var discrepancies = Compare();

        discrepancies.GarbageFound.ShouldBe(3);
        discrepancies.GarbageTwice.ShouldBe(1);
        discrepancies.Lost.ShouldBe(["garbage b is not in x.dead-letters"]);
        discrepancies.Unexplained.ShouldBe(
            ["garbage b is in y.dead-letters, where none was sent", "a dead letter in x.dead-letters (c) says no reason"],
            ignoreOrder: true);
    }

    [Fact]
    public void A_dead_letter_wiped_with_the_broker_after_it_was_read_counts_as_found()
    {
        var seen = Guid.NewGuid();
        Known.Add(new("order-1", OrderAnswer.Accepted, seen, Content(false)));
        Observed = Observed with
        {
            Garbage = [Garbage("a")],
            DeadLetters =
            [
                new("x.dead-letters", "a", "unknown_type", null, null) { IsWiped = true },
                new("order-service.dead-letters", null, "delivery_limit", "order.created", seen.ToString()) { IsWiped = true },
            ],
        };

        var discrepancies = Compare();

        discrepancies.IsClean.ShouldBeTrue(Text(discrepancies));
        discrepancies.GarbageFound.ShouldBe(1);
        discrepancies.DeadLettered.ShouldContain(
            $"order.created of order {seen} was in order-service.dead-letters when the broker's data was wiped: delivery_limit");
    }

    private static InjectedGarbage Garbage(string mark) => new(mark, ["x.dead-letters", "x.parking-lot"]);
}
