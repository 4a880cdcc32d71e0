using Microsoft.Extensions.Time.Testing;
using OrderFlow.Cli.Accounts;

namespace OrderFlow.Tests.Cli.Load;

public sealed class OrderLedgerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OrderLedger _ledger;

    public OrderLedgerTests() => _ledger = new OrderLedger(_time);

    [Fact]
    public void An_accepted_order_is_outstanding_until_it_arrives()
    {
        var order = Guid.NewGuid();
        _ledger.Answered(0, OrderFate.Accepted, order);
        _ledger.Count().Outstanding.ShouldBe(1);

        _ledger.Told(0, Told(order, micros: 5_000));

        var counts = _ledger.Count();
        (counts.Accepted, counts.Outstanding, counts.Arrived).ShouldBe((1, 0, 1));
        _ledger.EndToEnd.Quantile(1).ShouldBe(TimeSpan.FromMilliseconds(5));
        _ledger.Reconcile().Lost.ShouldBe(0);
    }

    [Fact]
    public void A_notification_may_come_before_the_answer()
    {
        var order = Guid.NewGuid();
        _ledger.Told(0, Told(order));
        _ledger.Answered(0, OrderFate.Accepted, order);

        _ledger.Count().Outstanding.ShouldBe(0);
        _ledger.Reconcile().ShouldSatisfyAllConditions(found => found.Lost.ShouldBe(0), found => found.ArrivedNotAccepted.ShouldBe(0));
    }

    [Fact]
    public void Accepted_orders_that_did_not_arrive_are_lost_and_the_first_are_named()
    {
        var orders = Enumerable.Range(0, 20_000).Select(_ => Guid.NewGuid()).ToArray();
        for (var number = 0; number < orders.Length; number++)
        {
            _ledger.Answered(number, OrderFate.Accepted, orders[number]);
            if (number % 1_000 != 7)
            {
                _ledger.Told(number, Told(orders[number]));
            }
        }

        var found = _ledger.Reconcile(show: 3);

        found.Lost.ShouldBe(20);
        found.LostOrders.ShouldBe([orders[7], orders[1_007], orders[2_007]]);
        _ledger.Count().Outstanding.ShouldBe(20);
    }

    [Fact]
    public void A_notification_of_another_order_is_no_arrival()
    {
        var order = Guid.NewGuid();
        _ledger.Answered(0, OrderFate.Accepted, order);
        _ledger.Told(0, Told(Guid.NewGuid()));

        _ledger.Reconcile().LostOrders.ShouldBe([order]);
    }

    [Fact]
    public void A_customer_told_by_two_events_was_told_again_but_a_redelivered_event_tells_nobody()
    {
        var notification = Told(Guid.NewGuid());
        _ledger.Told(0, notification);
        _ledger.Told(0, notification);
        _ledger.Count().Repeated.ShouldBe(0);

        _ledger.Told(0, notification with { EventId = Guid.NewGuid() });

        _ledger.Count().Repeated.ShouldBe(1);
        _ledger.Count().Arrived.ShouldBe(1);
        _ledger.EndToEnd.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("Unknown")]
    [InlineData("Refused")]
    [InlineData("Open")]
    public void An_order_without_a_202_that_arrives_is_reported_and_not_lost(string fate)
    {
        if (fate != "Open")
        {
            _ledger.Answered(0, Enum.Parse<OrderFate>(fate));
        }

        _ledger.Told(0, Told(Guid.NewGuid()));

        _ledger.Reconcile().ShouldSatisfyAllConditions(found => found.Lost.ShouldBe(0), found => found.ArrivedNotAccepted.ShouldBe(1));
    }

    [Fact]
    public void Skewed_clocks_are_counted_and_spoil_no_latency()
    {
        _ledger.Told(0, Told(Guid.NewGuid(), micros: -4));

        _ledger.Count().ClockSkewed.ShouldBe(1);
        _ledger.EndToEnd.Count.ShouldBe(0);
    }

    [Fact]
    public void Throughput_and_silence_are_measured_from_the_notifications()
    {
        _ledger.Told(0, Told(Guid.NewGuid(), toldAt: 2_000_000));
        _ledger.Told(1, Told(Guid.NewGuid(), toldAt: 5_500_000));
        _time.Advance(TimeSpan.FromSeconds(9));

        _ledger.Count().ToldFor.ShouldBe(TimeSpan.FromSeconds(3.5));
        _ledger.Count().QuietFor.ShouldBe(TimeSpan.FromSeconds(9));
    }

    private static Notification Told(Guid order, long micros = 1_000, long toldAt = 1_000_000) => new(Guid.NewGuid(), order, micros, toldAt);
}
