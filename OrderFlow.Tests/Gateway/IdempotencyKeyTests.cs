using System.Net;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class IdempotencyKeyTests
{
    [Fact]
    public async Task Same_idempotency_key_gives_the_same_order_id_and_event_id_at_every_replica()
    {
        await using var first = await RunningGateway.StartAsync();
        await using var second = await RunningGateway.StartAsync();

        var answers =
            await Task.WhenAll(
                PostAsync(first, "user-1", "key-1"), PostAsync(second, "user-1", "key-1"), PostAsync(first, "user-1", "key-1"));

        answers.Select(answer => answer.Headers.Location!.ToString()).Distinct().Count().ShouldBe(1);
        answers.Select(answer => answer.Headers.GetValues("X-Correlation-ID").Single()).Distinct().Count().ShouldBe(1);
        var published = first.Publisher.Published.Concat(second.Publisher.Published).ToList();
        published.Count.ShouldBe(2, "each of them publishes it once, and OrderService's inbox drops the second");
        published.Select(one => one.Context.EventId).Distinct().Count().ShouldBe(1);
        published.Select(one => one.Context.AggregateId).Distinct()
            .ShouldBe([answers[0].Headers.Location!.ToString()["/orders/".Length..]]);
    }

    [Fact]
    public async Task Different_keys_and_no_key_give_different_orders()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answers = await Task.WhenAll(
            PostAsync(gateway, "user-1", "key-1"), PostAsync(gateway, "user-1", "key-2"), PostAsync(gateway, "user-1", null),
            PostAsync(gateway, "user-1", null));

        answers.Select(answer => answer.Headers.Location!.ToString()).Distinct().Count().ShouldBe(4);
        gateway.Publisher.Published.Select(one => one.Context.EventId).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public async Task Ids_from_a_key_are_UUIDv8_and_the_correlation_id_of_the_client_is_kept()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer =
            await gateway.PostAsync(
                new StringContent(RunningGateway.GoodOrder, null, "application/json"), ("Idempotency-Key", "k"),
                ("X-Correlation-ID", "mine"));

        Guid.Parse(answer.Headers.Location!.ToString()["/orders/".Length..]).Version.ShouldBe(8);
        answer.Headers.GetValues("X-Correlation-ID").ShouldBe(["mine"]);
    }

    public static TheoryData<string> Bad => ["", " ", "a b", "tab\there", new string('x', 256)];

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Invalid_idempotency_key_is_refused_naming_the_header_and_nothing_is_published(string key)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer =
            await gateway.PostAsync(new StringContent(RunningGateway.GoodOrder, null, "application/json"), ("Idempotency-Key", key));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RunningGateway.ReadProblemAsync(answer)).GetProperty("errors").TryGetProperty("Idempotency-Key", out _).ShouldBeTrue();
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Fact]
    public async Task Idempotency_key_of_the_maximum_length_is_accepted()
    {
        await using var gateway = await RunningGateway.StartAsync();

        (await PostAsync(gateway, "user-1", new string('x', 255))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")]
    [InlineData("\"with blanks in quotes\"")]
    public async Task Idempotency_key_may_be_quoted_as_in_the_draft_standard(string key)
    {
        await using var gateway = await RunningGateway.StartAsync();

        (await PostAsync(gateway, "user-1", key)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private static Task<HttpResponseMessage> PostAsync(RunningGateway gateway, string user, string? key)
    {
        var content = new StringContent($$"""{"items":[{"id":"item-1","quantity":2}],"userId":"{{user}}"}""", null, "application/json");
        return key is null ? gateway.PostAsync(content) : gateway.PostAsync(content, ("Idempotency-Key", key));
    }
}
