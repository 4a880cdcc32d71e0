using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;

namespace OrderFlow.Tests.Cli.Load;

public sealed class OrderSenderTests
{
    private readonly OrderLedger _ledger = new(TimeProvider.System);
    private readonly AnswerCounts _answers = new();

    [Fact]
    public async Task An_answer_202_is_an_accepted_order_with_the_id_in_its_Location()
    {
        var order = Guid.CreateVersion7();
        await SendAsync(http =>
        {
            http.Request.Headers["X-Correlation-ID"].ToString().ShouldBe("load-run-5");
            http.Response.StatusCode = 202;
            http.Response.Headers.Location = $"/orders/{order}";
            return Task.CompletedTask;
        });

        _ledger.Reconcile().LostOrders.ShouldBe([order]);
        (_answers.Sent, _answers.InFlight, _answers.Rejected, _answers.Unknown).ShouldBe((1, 0, 0, 0));
    }

    [Theory]
    [InlineData(400, "", 0)]
    [InlineData(429, "", 0)]
    [InlineData(503, """{"outcome":"not_accepted"}""", 0)]
    [InlineData(503, """{"outcome":"unknown"}""", 1)]
    [InlineData(500, "", 1)]
    [InlineData(202, "", 1)]
    public async Task A_rejection_counts_by_status_and_as_unknown_where_the_order_may_have_been_accepted(
        int status, string body, long unknown)
    {
        await SendAsync(http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body);
        });

        _answers.RejectedByStatus.ShouldBe([KeyValuePair.Create(status, 1L)]);
        _answers.Unknown.ShouldBe(unknown);
        _ledger.Count().Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_unknown()
    {
        await SendAsync(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });

        (_answers.Unknown, _answers.FailedConnections).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Without_a_connection_the_order_is_not_accepted()
    {
        using var http = GatewayClient.Create(connections: 1);

        // Port 1 is reserved and nobody listens there.
        await SendAsync(new Uri("http://127.0.0.1:1"), http);

        (_answers.Unknown, _answers.FailedConnections).ShouldBe((0, 1));
    }

    [Fact]
    public void An_order_beyond_the_limit_is_counted_as_not_sent()
    {
        _answers.TryBegin(limit: 1).ShouldBeTrue();
        _answers.TryBegin(limit: 1).ShouldBeFalse();

        (_answers.Sent, _answers.NotSent, _answers.InFlight).ShouldBe((1, 1, 1));
    }

    private async Task SendAsync(RequestDelegate gateway)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapPost("/orders", gateway);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = GatewayClient.Create(connections: 1);
        await SendAsync(new Uri(app.Urls.Single()), http);
    }

    private async Task SendAsync(Uri gateway, HttpClient http)
    {
        _answers.TryBegin(limit: 10).ShouldBeTrue();
        var sender = new OrderSender(
            gateway, http, new OrderBodies(seed: 1), new OrderNumbers("run"), _ledger, _answers, TimeProvider.System);
        await sender.SendAsync(5, TimeProvider.System.GetTimestamp());
    }
}
