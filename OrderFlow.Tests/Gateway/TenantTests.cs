using System.Net;
using System.Text;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class TenantTests
{
    [Theory]
    [InlineData("acme")]
    [InlineData("Käserei Müller, 東京")]
    public async Task Tenant_of_the_request_is_in_the_event_of_its_order(string tenant)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answer = await gateway.SendRawAsync(
            Encoding.UTF8.GetBytes(
                "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {RunningGateway.GoodOrder.Length}\r\nX-Tenant-ID: {tenant}\r\n\r\n"),
            Encoding.UTF8.GetBytes(RunningGateway.GoodOrder));

        answer.Status.ShouldBe(202);
        gateway.Publisher.Published.ShouldHaveSingleItem().Context.TenantId.ShouldBe(tenant);
    }

    [Fact]
    public async Task An_order_without_a_tenant_has_none()
    {
        await using var gateway = await RunningGateway.StartAsync();

        (await PostAsync(gateway)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        gateway.Publisher.Published.ShouldHaveSingleItem().Context.TenantId.ShouldBeNull();
    }

    [Fact]
    public async Task Invalid_tenant_is_refused_naming_the_header_and_nothing_is_published()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await PostAsync(gateway, ("X-Tenant-ID", new string('x', 129)), ("X-Correlation-ID", "mine"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await RunningGateway.ReadProblemAsync(answer);
        problem.GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:invalid-header");
        problem.GetProperty("errors").GetProperty("X-Tenant-ID")[0].GetString()
            .ShouldBe("must be one value of 1 to 128 visible characters");
        answer.Headers.GetValues("X-Correlation-ID").ShouldBe(["mine"]);
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Fact]
    public async Task Same_idempotency_key_of_different_tenants_gives_different_orders()
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var gateway = await service.GatewayAsync();
        await using var another = await service.GatewayAsync();

        using var none = await PostAsync(gateway, ("Idempotency-Key", "k"));
        using var acme = await PostAsync(gateway, ("Idempotency-Key", "k"), ("X-Tenant-ID", "acme"));
        using var zenith = await PostAsync(gateway, ("Idempotency-Key", "k"), ("X-Tenant-ID", "zenith"));
        using var acmeAgain = await PostAsync(another, ("Idempotency-Key", "k"), ("X-Tenant-ID", "acme"));

        HttpResponseMessage[] answers = [none, acme, zenith, acmeAgain];
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Accepted);
        answers.Select(answer => answer.Headers.Location!.ToString()).Distinct().Count().ShouldBe(3);
        acmeAgain.Headers.Location.ShouldBe(acme.Headers.Location);
        // What a key without a tenant gave before there were tenants.
        none.Headers.Location!.ToString().ShouldBe("/orders/7c2613c4-a33b-8a4f-84f9-724b1c09de01");
        var published = gateway.Publisher.Published.ToList();
        published.Select(one => one.Context.TenantId).ShouldBe([null, "acme", "zenith"]);
        published.Select(one => one.Context.EventId).Distinct().Count().ShouldBe(3);
        published.Select(one => one.Context.CorrelationId).Distinct().Count().ShouldBe(3);
    }

    private static Task<HttpResponseMessage> PostAsync(RunningGateway gateway, params (string, string)[] headers) =>
        gateway.PostAsync(new StringContent(RunningGateway.GoodOrder, null, "application/json"), headers);
}
