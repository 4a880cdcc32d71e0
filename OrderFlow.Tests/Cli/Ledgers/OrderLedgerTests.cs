using Microsoft.Extensions.Time.Testing;
using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Tests.Cli.Ledgers;

public sealed class OrderLedgerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OrderLedger _ledger;

    public OrderLedgerTests() => _ledger = new OrderLedger(_time);

    [Fact]
    public void An_accepted_order_is_in_flight_until_its_notification_arrives()
    {
        var order = Guid.NewGuid();
        _ledger.Answered(0, OrderAnswer.Accepted, order);
        _ledger.Count().InFlight.ShouldBe(1);

        _ledger.Notified(0, Notification(order, micros: 5_000));

        var counts = _ledger.Count();
        (counts.Accepted, counts.InFlight, counts.Arrived).ShouldBe((1, 0, 1));
        _ledger.EndToEnd.Quantile(1).ShouldBe(TimeSpan.FromMilliseconds(5));
        _ledger.Reconcile().Lost.ShouldBe(0);
    }

    [Fact]
    public void A_notification_may_come_before_the_answer()
    {
        var order = Guid.NewGuid();
        _ledger.Notified(0, Notification(order));
        _ledger.Answered(0, OrderAnswer.Accepted, order);

        _ledger.Count().InFlight.ShouldBe(0);
        _ledger.Reconcile().ShouldSatisfyAllConditions(found => found.Lost.ShouldBe(0), found => found.ArrivedNotAccepted.ShouldBe(0));
    }

    [Fact]
    public void Accepted_orders_that_did_not_arrive_are_lost_and_the_first_are_named()
    {
        var orders = Enumerable.Range(0, 20_000).Select(_ => Guid.NewGuid()).ToArray();
        for (var number = 0; number < orders.Length; number++)
        {
            _ledger.Answered(number, OrderAnswer.Accepted, orders[number]);
            if (number % 1_000 != 7)
            {
                _ledger.Notified(number, Notification(orders[number]));
            }
        }

        var found = _ledger.Reconcile(show: 3);

        found.Lost.ShouldBe(20);
        found.LostOrders.ShouldBe([orders[7], orders[1_007], orders[2_007]]);
        _ledger.Count().InFlight.ShouldBe(20);
    }

    [Fact]
    public void A_notification_of_another_order_does_not_count()
    {
        var order = Guid.NewGuid();
        _ledger.Answered(0, OrderAnswer.Accepted, order);
        _ledger.Notified(0, Notification(Guid.NewGuid()));

        _ledger.Reconcile().LostOrders.ShouldBe([order]);
    }

    [Fact]
    public void A_second_event_counts_as_repeated_and_a_redelivered_one_does_not()
    {
        var notification = Notification(Guid.NewGuid());
        _ledger.Notified(0, notification);
        _ledger.Notified(0, notification);
        _ledger.Count().Repeated.ShouldBe(0);

        _ledger.Notified(0, notification with { EventId = Guid.NewGuid() });

        _ledger.Count().Repeated.ShouldBe(1);
        _ledger.Count().Arrived.ShouldBe(1);
        _ledger.EndToEnd.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("Unknown")]
    [InlineData("Refused")]
    [InlineData("Open")]
    public void An_order_that_arrives_without_a_202_is_reported_and_not_lost(string answer)
    {
        if (answer != "Open")
        {
            _ledger.Answered(0, Enum.Parse<OrderAnswer>(answer));
        }

        _ledger.Notified(0, Notification(Guid.NewGuid()));

        _ledger.Reconcile().ShouldSatisfyAllConditions(found => found.Lost.ShouldBe(0), found => found.ArrivedNotAccepted.ShouldBe(1));
    }

    [Fact]
    public void A_negative_latency_is_counted_as_clock_skew_and_is_in_no_histogram()
    {
        _ledger.Notified(0, Notification(Guid.NewGuid(), micros: -4));

        _ledger.Count().ClockSkewed.ShouldBe(1);
        _ledger.EndToEnd.Count.ShouldBe(0);
    }

    [Fact]
    public void Throughput_and_silence_are_measured_from_the_notifications()
    {
        _ledger.Notified(0, Notification(Guid.NewGuid(), sentAt: 2_000_000));
        _ledger.Notified(1, Notification(Guid.NewGuid(), sentAt: 5_500_000));
        _time.Advance(TimeSpan.FromSeconds(9));

        _ledger.Count().NotifiedFor.ShouldBe(TimeSpan.FromSeconds(3.5));
        _ledger.Count().QuietFor.ShouldBe(TimeSpan.FromSeconds(9));
    }

    private static Notification Notification(Guid order, long micros = 1_000, long sentAt = 1_000_000) =>
        new(Guid.NewGuid(), order, micros, sentAt);
}
