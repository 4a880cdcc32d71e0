using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Contracts.Http;
using OrderFlow.OrderService.ClaimKey;
using OrderFlow.OrderService.PlaceOrder;
using OrderFlow.OrderService.Storage;
using OrderFlow.ServiceDefaults.Simulation;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.OrderService;

public sealed class KeyClaimTests(PostgresFixture postgres)
{
    private static readonly byte[] One = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] Two = [.. Enumerable.Repeat((byte)2, 32)];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_belongs_to_the_first_of_many_concurrent_claims()
    {
        await using var service = await StartAsync();
        var claims = service.Get<KeyClaims>();
        var order = Guid.NewGuid();

        var answers =
            await Task.WhenAll(
                Enumerable.Range(0, 20)
                    .Select(number => claims.ClaimAsync(order, number % 2 == 0 ? One : Two, $"c{number}", CancellationToken)));

        answers.Distinct().ShouldHaveSingleItem().Stored.ShouldBeFalse();
        (await service.Database.CountAsync("idempotency_keys")).ShouldBe(1);
    }

    [Fact]
    public async Task Order_is_counted_by_exactly_one_of_many_concurrent_requests()
    {
        await using var service = await StartAsync();
        var claims = service.Get<KeyClaims>();
        var order = Guid.NewGuid();
        await claims.ClaimAsync(order, One, "c", CancellationToken);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => claims.CountAsync(order, CancellationToken)));

        answers.Count(first => first).ShouldBe(1);
    }

    [Fact]
    public async Task Claim_reports_an_order_stored_after_it_as_stored_and_not_yet_counted()
    {
        await using var service = await StartAsync();
        var claims = service.Get<KeyClaims>();
        var order = Order(One);
        var context = ServiceOnDatabase.Context();
        await claims.ClaimAsync(Guid.Parse(order.OrderId), One, context.CorrelationId, CancellationToken);

        await service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>((context, order));

        (await claims.ClaimAsync(Guid.Parse(order.OrderId), Two, "late", CancellationToken))
            .ShouldBe(new KeyClaim(Convert.ToHexStringLower(One), context.CorrelationId, Stored: true));
        (await claims.CountAsync(Guid.Parse(order.OrderId), CancellationToken)).ShouldBeTrue();
    }

    [Fact]
    public async Task Order_whose_key_was_never_claimed_is_claimed_by_its_event_and_already_counted()
    {
        await using var service = await StartAsync();
        var claims = service.Get<KeyClaims>();
        var order = Order(One);
        var context = ServiceOnDatabase.Context();

        await service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>((context, order));

        (await claims.ClaimAsync(Guid.Parse(order.OrderId), Two, "late", CancellationToken))
            .ShouldBe(new KeyClaim(Convert.ToHexStringLower(One), context.CorrelationId, Stored: true));
        (await claims.CountAsync(Guid.Parse(order.OrderId), CancellationToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task Stored_order_overrules_an_earlier_claim_of_its_key()
    {
        await using var service = await StartAsync();
        var claims = service.Get<KeyClaims>();
        var order = Order(One);
        await claims.ClaimAsync(Guid.Parse(order.OrderId), Two, "never published", CancellationToken);

        await service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>((ServiceOnDatabase.Context(), order));

        (await claims.ClaimAsync(Guid.Parse(order.OrderId), Two, "late", CancellationToken)).Fingerprint.ShouldBe(
            Convert.ToHexStringLower(One));
    }

    [Fact]
    public async Task Order_without_a_key_stores_no_key()
    {
        await using var service = await StartAsync();

        await service.HandleAsync<OrderCreated, NewOrder, PlaceOrderHandler>((ServiceOnDatabase.Context(), Order([])));

        (await service.Database.CountAsync("idempotency_keys")).ShouldBe(0);
    }

    private static OrderCreated Order(byte[] fingerprint) => new()
    {
        OrderId = Guid.CreateVersion7().ToString(),
        UserId = "user-1",
        Lines = { new OrderLine { ItemId = "item-1", Quantity = 1 } },
        RequestFingerprint = ByteString.CopyFrom(fingerprint),
    };

    private Task<ServiceOnDatabase> StartAsync() => ServiceOnDatabase.StartAsync(postgres, DatabaseNames.Orders, builder =>
    {
        builder.AddStorage();
        builder.AddSimulatedWork();
        builder.AddClaimKey();
    });
}
