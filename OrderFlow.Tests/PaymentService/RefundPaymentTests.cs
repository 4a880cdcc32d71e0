using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.PaymentService;
using OrderFlow.PaymentService.AuthorizePayment;
using OrderFlow.PaymentService.Provider;
using OrderFlow.PaymentService.RefundPayment;
using OrderFlow.PaymentService.Storage;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.PaymentService;

public sealed class RefundPaymentTests(PostgresFixture postgres)
{
    private readonly RecordingProvider _provider = new();

    private static readonly PaymentRequested Request = new()
    {
        PaymentId = Guid.CreateVersion7().ToString(),
        OrderId = Guid.CreateVersion7().ToString(),
        UserId = "user-1",
        Amount = 19.99m.ToMoney("EUR"),
    };

    [Fact]
    public async Task Approved_payment_is_refunded_stored_and_published()
    {
        await using var service = await StartAsync();
        await ChargeAsync(service);

        (await RefundAsync(service)).Status.ShouldBe(DeliveryStatus.Handled);

        _provider.Refunded.ShouldHaveSingleItem().ShouldBe((Guid.Parse(Request.PaymentId), 19.99m));
        (await service.CausedAsync())[^1].ShouldBe(
            new PaymentRefunded { PaymentId = Request.PaymentId, OrderId = Request.OrderId, UserId = "user-1", Amount = Request.Amount });
        (await service.Database.ScalarAsync<bool>("SELECT refunded_at IS NOT NULL FROM payments")).ShouldBeTrue();
        (await service.CountedAsync()).ShouldContain("payments.refunded 1");
    }

    [Fact]
    public async Task Refund_that_is_requested_several_times_is_made_once()
    {
        await using var service = await StartAsync();
        await ChargeAsync(service);
        var context = ServiceOnDatabase.Context();

        await RefundAsync(service, context);
        (await RefundAsync(service, context)).Status.ShouldBe(DeliveryStatus.Duplicate);
        (await RefundAsync(service)).Status.ShouldBe(DeliveryStatus.Handled);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RefundAsync(service)));

        _provider.Refunded.ShouldHaveSingleItem();
        (await service.CausedAsync()).OfType<PaymentRefunded>().Count().ShouldBe(1);
        (await service.CountedAsync()).ShouldContain("payments.refunded 1");
    }

    [Fact]
    public async Task Concurrent_refunds_of_one_payment_are_stored_and_published_once()
    {
        await using var service = await StartAsync();
        await ChargeAsync(service);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefundAsync(service)));

        (await service.CausedAsync()).OfType<PaymentRefunded>().Count().ShouldBe(1);
        (await service.CountedAsync()).ShouldContain("payments.refunded 1");
    }

    [Fact]
    public async Task Declined_payment_is_not_refunded()
    {
        await using var service = await StartAsync();
        _provider.Answer = new ChargeAnswer("insufficient_funds");
        await ChargeAsync(service);

        (await RefundAsync(service)).Status.ShouldBe(DeliveryStatus.Handled);

        _provider.Refunded.ShouldBeEmpty();
        (await service.CausedAsync()).OfType<PaymentRefunded>().ShouldBeEmpty();
    }

    [Fact]
    public async Task Refund_of_an_unknown_payment_fails_with_an_error_that_names_it()
    {
        await using var service = await StartAsync();

        var outcome = await RefundAsync(service);

        outcome.Status.ShouldBe(DeliveryStatus.Failed);
        outcome.Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain(Request.PaymentId);
    }

    private static Task<DeliveryOutcome[]> ChargeAsync(ServiceOnDatabase service) =>
        service.HandleAsync<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>((ServiceOnDatabase.Context(), Request));

    private static async Task<DeliveryOutcome> RefundAsync(
        ServiceOnDatabase service, OrderFlow.Messaging.Envelope.EventContext? context = null) =>
        (await service.HandleAsync<PaymentRefundRequested, RefundablePayment, RefundPaymentHandler>(
            (context ?? ServiceOnDatabase.Context(),
                new PaymentRefundRequested { PaymentId = Request.PaymentId, OrderId = Request.OrderId, UserId = "user-1" })))
                    .ShouldHaveSingleItem();

    private Task<ServiceOnDatabase> StartAsync() => ServiceOnDatabase.StartAsync(postgres, DatabaseNames.Payments, builder =>
    {
        builder.AddStorage();
        builder.Services.AddSingleton<IPaymentProvider>(_provider);
        builder.Services.AddSingleton<PaymentInstruments>();
    });

    /// <summary>Records what it is asked.</summary>
    private sealed class RecordingProvider : IPaymentProvider
    {
        public string Name => "recording";

        public ChargeAnswer? Answer { get; set; } = ChargeAnswer.Approved;

        public ConcurrentQueue<(Guid PaymentId, decimal Amount)> Refunded { get; } = [];

        public Task<ChargeAnswer?> ChargeAsync(Charge charge, CancellationToken cancellationToken) => Task.FromResult(Answer);

        public Task RefundAsync(Charge charge, CancellationToken cancellationToken)
        {
            Refunded.Enqueue((charge.PaymentId, charge.Amount));
            return Task.CompletedTask;
        }
    }
}
