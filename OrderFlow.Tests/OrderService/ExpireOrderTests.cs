using OrderFlow.Contracts;
using OrderFlow.Contracts.Http;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.CompleteOrder;
using OrderFlow.OrderService.ExpireOrder;
using OrderFlow.OrderService.PlaceOrder;
using OrderFlow.OrderService.ReadOrder;
using OrderFlow.OrderService.RefundOrder;
using OrderFlow.OrderService.Storage;
using OrderFlow.ServiceDefaults.Simulation;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.OrderService;

public sealed class ExpireOrderTests(PostgresFixture postgres)
{
    private const long Plenty = 1_000_000_000;

    [Fact]
    public async Task An_order_that_asks_for_its_payment_has_a_deadline_as_long_as_the_option_says()
    {
        await using var service = await StartAsync(("Orders:PaymentTimeout", "00:20:00"));

        var payment = await RequestedAsync(service);

        (await service.Database.ScalarAsync<string>("SELECT token FROM scheduled_events WHERE wire_type = 'order.payment-overdue'"))
            .ShouldBe(payment.OrderId);
        (await service.Database.ScalarAsync<double>("SELECT extract(epoch FROM due_at - now())::float8 FROM scheduled_events"))
            .ShouldBeInRange(1190, 1200);
        (await DeadlineAsync(service)).ShouldBe(new OrderPaymentOverdue { OrderId = payment.OrderId, PaymentId = payment.PaymentId });
    }

    [Fact]
    public async Task Order_that_is_rejected_at_once_has_no_payment_deadline()
    {
        await using var service = await StartAsync();

        await PlaceAsync(service, Order("item-gone"));

        (await service.Database.CountAsync("scheduled_events")).ShouldBe(0);
    }

    [Theory]
    [InlineData(PaymentOutcome.Approved)]
    [InlineData(PaymentOutcome.Declined)]
    public async Task Payment_answer_cancels_the_payment_deadline(PaymentOutcome outcome)
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service);
        await PlaceAsync(service, Order("item-2"));

        await ProcessAsync(service, payment, outcome);

        (await service.Database.ScalarAsync<long>($"SELECT count(*) FROM scheduled_events WHERE token = '{payment.OrderId}'")).ShouldBe(0);
        (await service.Database.CountAsync("scheduled_events")).ShouldBe(1);
    }

    [Fact]
    public async Task An_order_whose_payment_is_overdue_is_rejected_and_gives_its_stock_back()
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service);
        (await StockAsync(service)).ShouldBe(Plenty - 2);

        await ExpireAsync(service, payment);
        await ExpireAsync(service, payment);

        var rejected = (await service.CausedAsync()).OfType<OrderRejected>().ShouldHaveSingleItem();
        (rejected.OrderId, rejected.UserId, rejected.Email, rejected.Reason).ShouldBe(
            (payment.OrderId, "user-1", "alice@example.org", "payment_timeout"));
        rejected.Detail.ShouldStartWith("Your payment was not confirmed in time.");
        (await StockAsync(service)).ShouldBe(Plenty);
        var order = await FindAsync(service, payment);
        (order.Status, order.Reason).ShouldBe(("rejected", "payment_timeout"));
        (await service.CountedAsync()).ShouldBe(["events.effects 3", "orders.rejected payment_timeout 1"]);
    }

    [Theory]
    [InlineData(PaymentOutcome.Approved, "completed")]
    [InlineData(PaymentOutcome.Declined, "rejected")]
    public async Task Payment_deadline_after_the_payment_answer_changes_nothing(PaymentOutcome outcome, string status)
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service);
        await ProcessAsync(service, payment, outcome);
        var before = await service.CausedAsync();

        await ExpireAsync(service, payment);

        (await service.CausedAsync()).ShouldBe(before);
        (await FindAsync(service, payment)).History.Select(step => step.Status).ShouldBe(["awaiting_payment", status]);
    }

    [Fact]
    public async Task Payment_approved_after_the_deadline_is_refunded_once_and_recorded_in_the_history()
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service);
        await ExpireAsync(service, payment);

        await ProcessAsync(service, payment, PaymentOutcome.Approved);
        // Answered once more, under another id.
        await ProcessAsync(service, payment, PaymentOutcome.Approved);
        var refunded = new PaymentRefunded { PaymentId = payment.PaymentId, OrderId = payment.OrderId };
        await service.HandleAsync<PaymentRefunded, NoteRefundHandler>((ServiceOnDatabase.Context(), refunded));
        await service.HandleAsync<PaymentRefunded, NoteRefundHandler>((ServiceOnDatabase.Context(), refunded));

        var request = (await service.CausedAsync()).OfType<PaymentRefundRequested>().ShouldHaveSingleItem();
        request.ShouldBe(
            new PaymentRefundRequested
            {
                PaymentId = payment.PaymentId,
                OrderId = payment.OrderId,
                UserId = "user-1",
                Amount = payment.Amount
            });
        var order = await FindAsync(service, payment);
        (order.Status, order.Reason).ShouldBe(("rejected", "payment_timeout"));
        order.History.Select(step => (step.Status, step.Reason)).ShouldBe(
            [("awaiting_payment", null), ("rejected", "payment_timeout"), ("refund_requested", null), ("refunded", null)]);
        (await StockAsync(service)).ShouldBe(Plenty);
        (await service.CountedAsync()).ShouldBe(["events.effects 6", "orders.refunds.requested 1", "orders.rejected payment_timeout 1"]);
    }

    [Fact]
    public async Task Payment_declined_after_the_deadline_is_only_recorded_in_the_history()
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service);
        await ExpireAsync(service, payment);
        var before = await service.CausedAsync();

        await ProcessAsync(service, payment, PaymentOutcome.Declined);
        await ProcessAsync(service, payment, PaymentOutcome.Declined);

        (await service.CausedAsync()).ShouldBe(before);
        (await FindAsync(service, payment)).History.Select(step => step.Status)
            .ShouldBe(["awaiting_payment", "rejected", "payment_declined"]);
    }

    [Fact]
    public async Task Approved_payment_of_a_rejected_order_is_refunded_for_every_rejection_reason()
    {
        await using var service = await StartAsync();
        var payment = await RequestedAsync(service);
        await ProcessAsync(service, payment, PaymentOutcome.Declined);

        await ProcessAsync(service, payment, PaymentOutcome.Approved);

        (await service.CausedAsync())[^1].ShouldBeOfType<PaymentRefundRequested>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public async Task Deadline_and_payment_answer_at_the_same_time_end_each_order_once_with_consistent_money_and_stock(int batch)
    {
        await using var service = await StartAsync();
        var payments = new List<PaymentRequested>();
        for (var number = 0; number < 60; number++)
        {
            payments.Add(await RequestedAsync(service, number));
        }

        // As two replicas have them: the answers the other way round.
        await Task.WhenAll([
            .. payments.Chunk(batch).Select(some => DeliverAsync<OrderPaymentOverdue, ExpireOrderHandler>(
                service, some, payment => new OrderPaymentOverdue { OrderId = payment.OrderId, PaymentId = payment.PaymentId })),
            .. payments.AsEnumerable().Reverse().Chunk(batch).Select(some => DeliverAsync<PaymentProcessed, CompleteOrderHandler>(
                service, some,
                payment =>
                    new PaymentProcessed { OrderId = payment.OrderId, PaymentId = payment.PaymentId, Outcome = PaymentOutcome.Approved })),
        ]);

        var ends = new Dictionary<string, int>(StringComparer.Ordinal) { ["completed"] = 0, ["rejected"] = 0 };
        var caused = (await service.CausedAsync()).ToLookup(OrderOf);
        foreach (var payment in payments)
        {
            var order = await FindAsync(service, payment);
            ends[order.Status]++;
            order.History.Count(step => step.Status is "completed" or "rejected").ShouldBe(1);
            caused[payment.OrderId].Select(one => one.Descriptor.Name).ShouldBe(
                order.Status == "completed"
                    ? ["PaymentRequested", "OrderProcessed"]
                    : ["PaymentRequested", "OrderRejected", "PaymentRefundRequested"]);
        }

        (await StockAsync(service)).ShouldBe(Plenty - (2 * ends["completed"]));
        ends.Values.Sum().ShouldBe(60);
    }

    /// <summary>Delivers in one batch, and again what the database did not let be handled, as the broker does.</summary>
    private static async Task DeliverAsync<TEvent, THandler>(
        ServiceOnDatabase service, PaymentRequested[] payments, Func<PaymentRequested, TEvent> about)
        where TEvent : class, Google.Protobuf.IMessage
        where THandler : class
    {
        (OrderFlow.Messaging.Envelope.EventContext, TEvent)[] deliveries =
            [.. payments.Select(payment => (ServiceOnDatabase.Context(), about(payment)))];
        await Wait.UntilAsync("every delivery to be handled", async () =>
        {
            var outcomes = await service.HandleAsync<TEvent, THandler>(deliveries);
            outcomes.ShouldAllBe(outcome => outcome.Status != DeliveryStatus.Failed || outcome.IsTransient);
            deliveries = [.. deliveries.Zip(outcomes).Where(one => one.Second.Status == DeliveryStatus.Failed).Select(one => one.First)];
            return deliveries.Length == 0;
        });
    }

    private static string OrderOf(Google.Protobuf.IMessage @event) =>
        @event.Descriptor.FindFieldByName("order_id").Accessor.GetValue(@event).ToString()!;

    private static OrderCreated Order(string item) => new()
    {
        OrderId = Guid.CreateVersion7().ToString(),
        UserId = "user-1",
        Email = "alice@example.org",
        Lines = { new OrderLine { ItemId = item, Quantity = 2 } },
    };

    private static Task<DeliveryOutcome[]> PlaceAsync(ServiceOnDatabase service, OrderCreated order) =>
        service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>((ServiceOnDatabase.Context(), order));

    private static async Task<PaymentRequested> RequestedAsync(ServiceOnDatabase service, int before = 0)
    {
        await PlaceAsync(service, Order("item-1"));
        return (await service.CausedAsync())[before].ShouldBeOfType<PaymentRequested>();
    }

    private static async Task<OrderPaymentOverdue> DeadlineAsync(ServiceOnDatabase service) =>
        OrderPaymentOverdue.Parser.ParseFrom(await service.Database.ScalarAsync<byte[]>("SELECT body FROM scheduled_events"));

    private static async Task ExpireAsync(ServiceOnDatabase service, PaymentRequested payment) =>
        (await service.HandleAsync<OrderPaymentOverdue, ExpireOrderHandler>(
            (ServiceOnDatabase.Context(), new OrderPaymentOverdue { OrderId = payment.OrderId, PaymentId = payment.PaymentId })))
                .ShouldHaveSingleItem().Status.ShouldBe(DeliveryStatus.Handled);

    private static async Task ProcessAsync(ServiceOnDatabase service, PaymentRequested payment, PaymentOutcome outcome) =>
        (await service.HandleAsync<PaymentProcessed, CompleteOrderHandler>(
            (ServiceOnDatabase.Context(),
                new PaymentProcessed
                {
                    OrderId = payment.OrderId,
                    PaymentId = payment.PaymentId,
                    Outcome = outcome,
                    Reason = "insufficient_funds"
                })))
        .ShouldHaveSingleItem().Status.ShouldBe(DeliveryStatus.Handled);

    private static async Task<PlacedOrder> FindAsync(ServiceOnDatabase service, PaymentRequested payment) =>
        (await service.Get<OrderReader>().FindAsync(Guid.Parse(payment.OrderId), TestContext.Current.CancellationToken)).ShouldNotBeNull();

    private static Task<long> StockAsync(ServiceOnDatabase service) =>
        service.Database.ScalarAsync<long>("SELECT stock FROM products WHERE id = 'item-1'");

    private Task<ServiceOnDatabase> StartAsync(params (string Key, string Value)[] settings) => ServiceOnDatabase.StartAsync(
        postgres,
        DatabaseNames.Orders,
        builder =>
        {
            builder.AddStorage();
            builder.AddExpireOrder();
            builder.AddSimulatedWork();
            builder.AddReadOrder();
        },
        settings);
}
