using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.Gateway;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.Gateway;

public sealed class OrderMetricTests
{
    [Fact]
    public async Task Accepted_orders_count_with_their_value_by_currency()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var probe = new MeterProbe(gateway.Meters);

        await gateway.PostAsync("""{"userId":"u","items":[{"id":"a","quantity":2,"unitPrice":1.25}],"currency":"USD"}""");
        await gateway.PostAsync(RunningGateway.GoodOrder);

        probe.Of("orders.accepted").Select(measured => (measured.Value, measured.Tags)).ShouldBe([(1, ""), (1, "")]);
        probe.Of("order.value").ShouldHaveSingleItem().ShouldBe(new("order.value", 2.5, "currency=USD"));
    }

    [Fact]
    public async Task Rejected_orders_count_by_reason()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("PlaceOrder:MaxBodyBytes", "1024"));
        using var probe = new MeterProbe(gateway.Meters);

        await gateway.PostAsync("{}");
        await gateway.PostAsync("{");
        await gateway.PostAsync(RunningGateway.GoodOrder, "text/plain");
        await gateway.PostAsync(RunningGateway.GoodOrder.PadRight(1025));
        await gateway.PostAsync(null, ("X-Correlation-ID", "a b"));
        gateway.Publisher.Confirm = () => Task.FromException(new PublishException(PublishFailure.Nacked, "full"));
        await gateway.PostAsync(RunningGateway.GoodOrder);

        probe.Of("orders.rejected").Select(measured => measured.Tags).ShouldBe(
            ["reason=validation", "reason=malformed", "reason=media_type", "reason=too_large", "reason=header",
                "reason=broker_unavailable"]);
        probe.Of("orders.accepted").ShouldBeEmpty();
    }
}
