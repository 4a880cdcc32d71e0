using OrderFlow.Gateway.ShedLoad;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Tests.Gateway;

public sealed class OrderPaceTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(100);

    private readonly OrderPace _pace = new();

    [Fact]
    public void Waits_of_all_queues_of_the_way_are_one_wait_and_the_longest_says_how_many_are_taken()
    {
        Hear(
            "order-service", "a", new HandledEvents("order.created", 100, 400),
            new HandledEvents("payment.processed", 90, 100), new HandledEvents("other.event", 50, 9000));
        Hear("payment-service", "b", new HandledEvents("payment.requested", 200, 50));

        _pace.Look(Now).ShouldBe(new Pace(TimeSpan.FromMilliseconds(550), Rate: 400, Gateways: 1));
    }

    [Fact]
    public void Replicas_take_together_and_wait_on_the_average()
    {
        Hear("order-service", "a", new HandledEvents("order.created", 100, 400));
        Hear("order-service", "b", new HandledEvents("order.created", 300, 200));

        _pace.Look(Now).ShouldBe(new Pace(TimeSpan.FromMilliseconds(250), Rate: 1600, Gateways: 1));
    }

    [Fact]
    public void The_last_word_says_the_wait_and_a_second_the_rate()
    {
        Hear("order-service", "a", Now - TimeSpan.FromSeconds(2), new HandledEvents("order.created", 9000, 9000));
        Hear("order-service", "a", Now - TimeSpan.FromSeconds(0.5), new HandledEvents("order.created", 100, 400));
        Hear("order-service", "a", Now, new HandledEvents("order.created", 300, 200));

        _pace.Look(Now).ShouldBe(new Pace(TimeSpan.FromMilliseconds(200), Rate: 800, Gateways: 1));
        _pace.Look(Now + TimeSpan.FromSeconds(1.2)).ShouldBe(new Pace(TimeSpan.Zero, Rate: 0, Gateways: 1));
    }

    [Fact]
    public void Gateways_are_those_that_were_heard_of_within_half_a_minute()
    {
        Hear("gateway", "a");
        Hear("gateway", "b");
        Hear("gateway", "c", Now + TimeSpan.FromSeconds(20));

        _pace.Look(Now + TimeSpan.FromSeconds(10)).Gateways.ShouldBe(3);
        _pace.Look(Now + TimeSpan.FromSeconds(40)).Gateways.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1e7)]
    public void A_window_of_no_time_or_of_hours_says_nothing(double windowMs)
    {
        _pace.Hear(new ServiceHeartbeat("order-service", "a", windowMs, [new HandledEvents("order.created", 1, 80_000)]), Now);

        _pace.Look(Now).ShouldBe(new Pace(TimeSpan.Zero, Rate: 0, Gateways: 1));
    }

    private void Hear(string service, string instance, params HandledEvents[] handled) => Hear(service, instance, Now, handled);

    private void Hear(string service, string instance, TimeSpan at, params HandledEvents[] handled) =>
        _pace.Hear(new ServiceHeartbeat(service, instance, 250, handled), at);
}
