using OrderFlow.Contracts;
using OrderFlow.Contracts.Http;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.CompleteOrder;
using OrderFlow.OrderService.PlaceOrder;
using OrderFlow.OrderService.ReadOrder;
using OrderFlow.OrderService.Storage;
using OrderFlow.ServiceDefaults.Simulation;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.OrderService;

public sealed class OrderServiceTests(PostgresFixture postgres)
{
    private const long Plenty = 1_000_000_000;

    [Fact]
    public async Task Created_order_is_stored_with_its_stock_reserved_and_its_payment_requested()
    {
        await using var service = await StartAsync();
        var order = Order(("item-1", 2), ("item-2", 1));
        var context = ServiceOnDatabase.Context();

        await PlaceAsync(service, order, context);

        var payment = (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBeOfType<PaymentRequested>();
        payment.OrderId.ShouldBe(order.OrderId);
        payment.Amount.ToDecimal().ShouldBe((2 * 6.24m) + 7.49m);
        (await StockAsync(service, "item-1")).ShouldBe(Plenty - 2);
        var stored = (await FindAsync(service, order)).ShouldNotBeNull();
        (stored.Status, stored.Total, stored.Currency, stored.CorrelationId).ShouldBe(
            ("awaiting_payment", 19.97m, "EUR", context.CorrelationId));
        stored.Lines.ShouldBe([new("item-1", 2, 6.24m), new("item-2", 1, 7.49m)]);
        stored.History.ShouldHaveSingleItem().EventId.ShouldBe(context.EventId);
    }

    [Fact]
    public async Task An_approved_payment_completes_the_order_and_keeps_its_stock()
    {
        await using var service = await StartAsync();
        var order = Order(("item-1", 2));
        var payment = await RequestedAsync(service, order);

        await ProcessAsync(service, payment, PaymentOutcome.Approved);

        (await service.CausedAsync())[^1].ShouldBe(
            new OrderProcessed { OrderId = order.OrderId, UserId = "user-1", Email = "alice@example.org", Total = 12.48m.ToMoney("EUR") });
        (await StockAsync(service, "item-1")).ShouldBe(Plenty - 2);
        (await FindAsync(service, order))!.History.Select(step => step.Status).ShouldBe(["awaiting_payment", "completed"]);
        (await service.CountedAsync()).ShouldBe(["events.effects 2", "orders.completed 1"]);
    }

    [Fact]
    public async Task A_declined_payment_rejects_the_order_and_gives_its_stock_back()
    {
        await using var service = await StartAsync();
        var order = Order(("item-rare", 1), ("item-1", 3));
        var payment = await RequestedAsync(service, order);
        (await StockAsync(service, "item-rare")).ShouldBe(0);

        await ProcessAsync(service, payment, PaymentOutcome.Declined);

        var rejected = (await service.CausedAsync())[^1].ShouldBeOfType<OrderRejected>();
        (rejected.Reason, rejected.Email).ShouldBe(("payment_declined", "alice@example.org"));
        (await StockAsync(service, "item-rare")).ShouldBe(1);
        (await StockAsync(service, "item-1")).ShouldBe(Plenty);
        var stored = (await FindAsync(service, order))!;
        (stored.Status, stored.Reason).ShouldBe(("rejected", "payment_declined"));
        stored.History.Select(step => step.Reason).ShouldBe([null, "payment_declined"]);
    }

    [Fact]
    public async Task A_second_answer_about_a_payment_changes_nothing()
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service, Order(("item-rare", 1)));
        await ProcessAsync(service, payment, PaymentOutcome.Declined);

        (await ProcessAsync(service, payment, PaymentOutcome.Declined)).Status.ShouldBe(DeliveryStatus.Handled);

        (await StockAsync(service, "item-rare")).ShouldBe(1);
        (await service.CausedAsync()).Count.ShouldBe(2);
        (await service.CountedAsync()).ShouldBe(["events.effects 3", "orders.rejected payment_declined 1"]);
        (await service.Database.ScalarAsync<long>("SELECT count(*) FROM order_history")).ShouldBe(2);
    }

    [Theory]
    [InlineData("item-nobody-sells", 1, "unknown_product")]
    [InlineData("item-gone", 1, "out_of_stock")]
    [InlineData("item-rare", 2, "out_of_stock")]
    public async Task An_order_that_cannot_be_fulfilled_is_rejected_at_once_and_reserves_nothing(string item, int quantity, string reason)
    {
        await using var service = await StartAsync();
        var order = Order(("item-1", 1), (item, quantity));

        await PlaceAsync(service, order);

        var rejected = (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBeOfType<OrderRejected>();
        rejected.Reason.ShouldBe(reason);
        rejected.Detail.ShouldContain(item);
        (await StockAsync(service, "item-1")).ShouldBe(Plenty);
        (await FindAsync(service, order))!.Status.ShouldBe("rejected");
        (await service.CountedAsync()).ShouldContain($"orders.rejected {reason} 1");
    }

    [Fact]
    public async Task The_last_piece_is_sold_once_among_many_orders_at_the_same_time()
    {
        await using var service = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(lane => service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>(
            [.. Enumerable.Range(0, 5)
                .Select(number =>
                    (ServiceOnDatabase.Context(),
                        (lane + number) % 2 == 0 ? Order(("item-1", 1), ("item-rare", 1)) : Order(("item-rare", 1), ("item-2", 1))))])));

        var caused = await service.CausedAsync();
        caused.OfType<PaymentRequested>().Count().ShouldBe(1);
        caused.OfType<OrderRejected>().Count(rejected => rejected.Reason == "out_of_stock").ShouldBe(39);
        (await StockAsync(service, "item-rare")).ShouldBe(0);
        (await StockAsync(service, "item-1") + await StockAsync(service, "item-2")).ShouldBe((2 * Plenty) - 1);
    }

    [Fact]
    public async Task The_same_order_from_two_requests_has_one_effect_even_when_the_inbox_has_forgotten_the_first()
    {
        await using var service = await StartAsync();
        var order = Order(("item-1", 2));
        var context = ServiceOnDatabase.Context();
        await PlaceAsync(service, order, context);

        (await PlaceAsync(service, order, context)).Status.ShouldBe(DeliveryStatus.Duplicate);
        await service.Database.ExecuteAsync("DELETE FROM inbox");
        (await PlaceAsync(service, order, context)).Status.ShouldBe(DeliveryStatus.Handled);

        (await service.CausedAsync()).Count.ShouldBe(1);
        (await StockAsync(service, "item-1")).ShouldBe(Plenty - 2);
    }

    [Fact]
    public async Task Named_price_is_kept_and_an_order_without_a_price_in_its_currency_is_rejected()
    {
        await using var service = await StartAsync();
        var quoted = Order(("item-1", 2));
        quoted.Lines[0].UnitPrice = 5m.ToMoney("USD");
        quoted.Total = 10m.ToMoney("USD");
        var mixed = Order(("item-1", 2), ("item-2", 1));
        mixed.Lines[0].UnitPrice = 5m.ToMoney("USD");
        mixed.Total = 10m.ToMoney("USD");

        await PlaceAsync(service, quoted);
        await PlaceAsync(service, mixed);

        var caused = await service.CausedAsync();
        caused[0].ShouldBeOfType<PaymentRequested>().Amount.ShouldBe(10m.ToMoney("USD"));
        caused[1].ShouldBeOfType<OrderRejected>().Reason.ShouldBe("no_price");
    }

    [Theory]
    [InlineData("no-uuid")]
    [InlineData("")]
    public async Task Order_with_an_invalid_id_fails_with_an_error_that_names_it(string id)
    {
        await using var service = await StartAsync();
        var order = Order(("item-1", 1));
        order.OrderId = id;

        var outcome = await PlaceAsync(service, order);

        outcome.Status.ShouldBe(DeliveryStatus.Failed);
        outcome.Exception.ShouldBeOfType<InvalidDataException>().Message.ShouldContain($"'{id}'");
    }

    [Fact]
    public async Task Payment_of_an_unknown_order_fails()
    {
        await using var service = await StartAsync();
        var payment = new PaymentRequested { OrderId = Guid.NewGuid().ToString(), PaymentId = Guid.NewGuid().ToString() };

        var outcome = await ProcessAsync(service, payment, PaymentOutcome.Approved);

        outcome.Status.ShouldBe(DeliveryStatus.Failed);
        outcome.Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain(payment.OrderId);
    }

    private static OrderCreated Order(params (string Item, int Quantity)[] lines) => new()
    {
        OrderId = Guid.CreateVersion7().ToString(),
        UserId = "user-1",
        Email = "alice@example.org",
        Lines = { lines.Select(line => new OrderLine { ItemId = line.Item, Quantity = line.Quantity }) },
    };

    private static async Task<DeliveryOutcome> PlaceAsync(
        ServiceOnDatabase service, OrderCreated order, OrderFlow.Messaging.Envelope.EventContext? context = null) =>
        (await service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>((context ?? ServiceOnDatabase.Context(), order)))
            .ShouldHaveSingleItem();

    private static async Task<PaymentRequested> RequestedAsync(ServiceOnDatabase service, OrderCreated order)
    {
        await PlaceAsync(service, order);
        return (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBeOfType<PaymentRequested>();
    }

    private static async Task<DeliveryOutcome> ProcessAsync(ServiceOnDatabase service, PaymentRequested payment, PaymentOutcome outcome) =>
        (await service.HandleAsync<PaymentProcessed, CompleteOrderHandler>(
            (ServiceOnDatabase.Context(),
                new PaymentProcessed
                {
                    OrderId = payment.OrderId,
                    PaymentId = payment.PaymentId,
                    Outcome = outcome,
                    Reason = "insufficient_funds"
                }))).ShouldHaveSingleItem();

    private static Task<PlacedOrder?> FindAsync(ServiceOnDatabase service, OrderCreated order) =>
        service.Get<OrderReader>().FindAsync(Guid.Parse(order.OrderId), TestContext.Current.CancellationToken);

    private static Task<long> StockAsync(ServiceOnDatabase service, string item) =>
        service.Database.ScalarAsync<long>($"SELECT stock FROM products WHERE id = '{item}'");

    private Task<ServiceOnDatabase> StartAsync() => ServiceOnDatabase.StartAsync(postgres, DatabaseNames.Orders, builder =>
    {
        builder.AddStorage();
        builder.AddSimulatedWork();
        builder.AddReadOrder();
    });
}
