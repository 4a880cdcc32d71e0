using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.PaymentService;
using OrderFlow.PaymentService.AuthorizePayment;
using OrderFlow.PaymentService.Provider;
using OrderFlow.PaymentService.Storage;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.PaymentService;

public sealed class PaymentServiceTests(PostgresFixture postgres)
{
    private static readonly PaymentRequested Request = new()
    {
        PaymentId = Guid.CreateVersion7().ToString(),
        OrderId = Guid.CreateVersion7().ToString(),
        UserId = "user-1",
        Amount = 19.99m.ToMoney("EUR"),
    };

    [Theory]
    [InlineData("0", PaymentOutcome.Approved, "")]
    [InlineData("1", PaymentOutcome.Declined, "insufficient_funds")]
    public async Task Payment_is_charged_or_declined_stored_and_published(string declineRate, PaymentOutcome outcome, string reason)
    {
        await using var service = await StartAsync(declineRate);

        await service.HandleAsync<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>(
            (ServiceOnDatabase.Context(), Request));

        (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBe(new PaymentProcessed
        {
            PaymentId = Request.PaymentId, OrderId =
                Request.OrderId, UserId = "user-1", Amount = Request.Amount, Outcome = outcome, Reason = reason,
        });
        (await service.Database.ScalarAsync<string>(
            "SELECT outcome || coalesce(reason, '') || ' ' || trim_scale(amount) || currency FROM payments"))
            .ShouldBe($"{outcome.ToString().ToLowerInvariant()}{reason} 19.99EUR");
    }

    [Fact]
    public async Task Payment_that_is_requested_twice_is_stored_once_with_one_answer()
    {
        await using var service = await StartAsync("0");
        await service.HandleAsync<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>(
            (ServiceOnDatabase.Context(), Request));
        await service.Database.ExecuteAsync("UPDATE payments SET outcome = 'declined', reason = 'an earlier answer'");

        await service.HandleAsync<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>(
            (ServiceOnDatabase.Context(), Request));

        (await service.Database.CountAsync("payments")).ShouldBe(1);
        (await service.CountedAsync()).ShouldBe(["events.effects 2", "payments.processed approved 1"]);
        (await service.CausedAsync())[^1].ShouldBeOfType<PaymentProcessed>().Reason.ShouldBe("an earlier answer");
    }

    [Fact]
    public async Task Payment_request_without_an_amount_fails_and_charges_nothing()
    {
        await using var service = await StartAsync("0");
        var without = Request.Clone();
        without.Amount = null;

        var outcome =
            (await service.HandleAsync<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>(
                (ServiceOnDatabase.Context(), without))).ShouldHaveSingleItem();

        outcome.Status.ShouldBe(DeliveryStatus.Failed);
        outcome.Exception.ShouldBeOfType<InvalidDataException>();
        (await service.Database.CountAsync("payments")).ShouldBe(0);
    }

    [Fact]
    public async Task The_simulated_provider_declines_its_share_and_the_same_orders_each_time()
    {
        var orders = Enumerable.Range(0, 2000).Select(_ => Guid.CreateVersion7()).ToList();

        var first = await DeclinedAsync(orders);
        var second = await DeclinedAsync(orders);

        first.Count.ShouldBeInRange(500, 700);
        second.ShouldBe(first);
    }

    [Fact]
    public async Task Payment_that_the_provider_never_answers_is_handled_and_publishes_nothing()
    {
        await using var service = await StartAsync("0", ("SimulatedProvider:SilentRate", "1"));

        var outcome =
            (await service.HandleAsync<PaymentRequested, (Charge, ChargeAnswer?), AuthorizePaymentHandler>(
                (ServiceOnDatabase.Context(), Request))).ShouldHaveSingleItem();

        outcome.Status.ShouldBe(DeliveryStatus.Handled);
        (await service.CausedAsync()).ShouldBeEmpty();
        (await service.Database.CountAsync("payments")).ShouldBe(0);
        (await service.CountedAsync()).ShouldBe(["events.effects 1", "payments.unanswered 1"]);
    }

    [Fact]
    public async Task The_simulated_provider_is_silent_about_its_share_and_declines_its_share_of_the_others()
    {
        var orders = Enumerable.Range(0, 2000).Select(_ => Guid.CreateVersion7()).ToList();
        var options = Options.Create(new SimulatedProviderOptions { DeclineRate = 0.3, SilentRate = 0.5 });
        var provider = new SimulatedProvider(options, new SimulatedLatency(options), TimeProvider.System);

        var answers = new List<ChargeAnswer?>();
        foreach (var order in orders)
        {
            answers.Add(
                await provider.ChargeAsync(new Charge(Guid.NewGuid(), order, "user-1", 1, "EUR"), TestContext.Current.CancellationToken));
        }

        answers.Count(answer => answer is null).ShouldBeInRange(900, 1100);
        answers.Count(answer => answer is { IsApproved: false }).ShouldBeInRange(220, 380);
    }

    private static async Task<List<Guid>> DeclinedAsync(List<Guid> orders)
    {
        var options = Options.Create(new SimulatedProviderOptions { DeclineRate = 0.3 });
        var provider = new SimulatedProvider(options, new SimulatedLatency(options), TimeProvider.System);
        var declined = new List<Guid>();
        foreach (var order in orders)
        {
            if ((await provider.ChargeAsync(
                new Charge(Guid.NewGuid(), order, "user-1", 1, "EUR"), TestContext.Current.CancellationToken)) is { IsApproved: false })
            {
                declined.Add(order);
            }
        }

        return declined;
    }

    private Task<ServiceOnDatabase> StartAsync(
        string declineRate, params (string Key, string Value)[] more) => ServiceOnDatabase.StartAsync(
        postgres,
        DatabaseNames.Payments,
        builder =>
        {
            builder.AddStorage();
            builder.AddPaymentProvider();
            builder.Services.AddSingleton<PaymentInstruments>();
        },
        [("SimulatedProvider:DeclineRate", declineRate), .. more]);
}
