using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Publishing;
using OrderFlow.OrderService;
using OrderFlow.OrderService.CompleteOrder;
using OrderFlow.OrderService.SimulateWork;

namespace OrderFlow.Tests.Services;

public sealed class CompleteOrderSpecs : IDisposable
{
    private static readonly OrderCreated Order = new()
    {
        OrderId = "order-1",
        UserId = "user-1",
        Email = "alice@example.org",
        Lines = { new OrderLine { ItemId = "item-1", Quantity = 2 } },
        Total = new Money { CurrencyCode = "EUR", Units = 19, Nanos = 990_000_000 },
    };

    private readonly System.Diagnostics.Metrics.IMeterFactory _meters = TestMeters.Create();
    private readonly MeterProbe _probe;

    public CompleteOrderSpecs() => _probe = new MeterProbe(_meters);

    public void Dispose() => _probe.Dispose();

    [Fact]
    public async Task A_created_order_is_processed_with_what_the_customer_is_told_by()
    {
        var handled = HandledEvent.Begun(TimeProvider.System);

        await Handler().HandleAsync(handled, Order, TestContext.Current.CancellationToken);

        handled.Published.ShouldHaveSingleItem().ShouldBe(new OrderProcessed
        {
            OrderId = "order-1",
            UserId = "user-1",
            Email = "alice@example.org",
            Total = new Money { CurrencyCode = "EUR", Units = 19, Nanos = 990_000_000 },
        });
        _probe.Of("orders.completed").ShouldHaveSingleItem().Value.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_whose_completion_the_broker_did_not_take_is_not_counted_and_fails()
    {
        var handled = HandledEvent.Begun(TimeProvider.System);
        handled.Confirm = () => Task.FromException(new PublishException(PublishFailure.Nacked, "full"));

        await Should.ThrowAsync<PublishException>(Handler().HandleAsync(handled, Order, TestContext.Current.CancellationToken));

        _probe.Of("orders.completed").ShouldBeEmpty();
    }

    [Fact]
    public async Task Simulated_work_comes_before_the_order_is_processed_and_ends_with_the_service()
    {
        var handled = HandledEvent.Begun(TimeProvider.System);
        using var stopping = new CancellationTokenSource();

        var handling = Handler(minWorkMs: 60_000, maxWorkMs: 60_000).HandleAsync(handled, Order, stopping.Token);

        handling.IsCompleted.ShouldBeFalse();
        handled.Published.ShouldBeEmpty();
        await stopping.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(handling);
        handled.Published.ShouldBeEmpty();
    }

    private CompleteOrderHandler Handler(int minWorkMs = 0, int maxWorkMs = 0) => new(
        new SimulatedWork(Options.Create(new SimulationOptions { MinWorkMs = minWorkMs, MaxWorkMs = maxWorkMs }), TimeProvider.System),
        new OrderServiceInstruments(_meters),
        NullLogger<CompleteOrderHandler>.Instance);
}
