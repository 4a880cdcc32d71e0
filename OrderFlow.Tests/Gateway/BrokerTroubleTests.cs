using System.Net;
using OrderFlow.Gateway.ShedLoad;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Gateway;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.Gateway;

public sealed class BrokerTroubleTests
{
    [Theory]
    [InlineData(PublishFailure.Disconnected, "unknown")]
    [InlineData(PublishFailure.TimedOut, "unknown")]
    [InlineData(PublishFailure.Nacked, "unknown")]
    [InlineData(PublishFailure.Unroutable, "not_accepted")]
    [InlineData(PublishFailure.Overloaded, "not_accepted")]
    public async Task Unconfirmed_order_is_answered_with_503_and_whether_it_may_have_been_accepted(PublishFailure failure, string outcome)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Publisher.Confirm = () => Task.FromException(new PublishException(failure, "secret-host:5672 is down"));

        var response = await gateway.PostAsync(RunningGateway.GoodOrder);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        var problem = await RunningGateway.ReadProblemAsync(response);
        problem.GetProperty("outcome").GetString().ShouldBe(outcome);
        problem.GetProperty("detail").GetString()!.Contains("safe to send it again", StringComparison.Ordinal)
            .ShouldBe(outcome == "not_accepted");
        problem.ToString().ShouldNotContain("secret-host");
    }

    [Fact]
    public async Task Order_that_was_never_sent_to_the_broker_is_reported_as_not_accepted()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Publisher.Confirm = () =>
            Task.FromException(new PublishException(PublishFailure.Disconnected, "down") { MayHaveArrived = false });

        var response = await gateway.PostAsync(RunningGateway.GoodOrder);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await RunningGateway.ReadProblemAsync(response)).GetProperty("outcome").GetString().ShouldBe("not_accepted");
    }

    [Fact]
    public async Task Unexpected_failure_is_answered_with_500_without_its_cause()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Publisher.Confirm = () => Task.FromException(new InvalidOperationException("inner secret"));

        var response = await gateway.PostAsync(RunningGateway.GoodOrder);

        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await RunningGateway.ReadProblemAsync(response)).ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task Orders_that_would_wait_for_too_long_get_503_and_may_be_sent_again()
    {
        await using var gateway = await RunningGateway.StartAsync();
        (await gateway.PostAsync(RunningGateway.GoodOrder)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        gateway.Admission.Decide(new Pace(TimeSpan.FromMinutes(1), Rate: 100, Gateways: 1_000_000));

        var refused = await gateway.PostAsync(RunningGateway.GoodOrder);

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await RunningGateway.ReadProblemAsync(refused)).GetProperty("outcome").GetString().ShouldBe("not_accepted");
        gateway.Publisher.Published.Count.ShouldBe(1);
        gateway.Admission.Open();
        (await gateway.PostAsync(RunningGateway.GoodOrder)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Orders_above_the_in_flight_limit_get_429_and_the_others_202()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: ("PlaceOrder:MaxInFlight", "2"));
        var confirm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Publisher.Confirm = () => confirm.Task;
        Task<HttpResponseMessage>[] waiting = [gateway.PostAsync(RunningGateway.GoodOrder), gateway.PostAsync(RunningGateway.GoodOrder)];
        await Wait.UntilAsync(() => gateway.Publisher.Published.Count == 2);

        var refused = await gateway.PostAsync(RunningGateway.GoodOrder);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await RunningGateway.ReadProblemAsync(refused)).GetProperty("outcome").GetString().ShouldBe("not_accepted");
        gateway.Publisher.Published.Count.ShouldBe(2);
        confirm.SetResult();
        (await Task.WhenAll(waiting)).ShouldAllBe(response => response.StatusCode == HttpStatusCode.Accepted);
        await Wait.UntilAsync(() => gateway.InFlight == 0);
        (await gateway.PostAsync(RunningGateway.GoodOrder)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Order_is_published_although_its_client_stops_waiting_for_the_confirm()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var confirm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Publisher.Confirm = () => confirm.Task;
        using var probe = new MeterProbe(gateway.Meters);
        using (var impatient = new CancellationTokenSource())
        {
            var posting =
                gateway.Http.PostAsync(
                    new Uri("/orders", UriKind.Relative),
                    new StringContent(RunningGateway.GoodOrder, System.Text.Encoding.UTF8, "application/json"), impatient.Token);
            await Wait.UntilAsync(() => gateway.Publisher.Published.Count == 1);
            await impatient.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(posting);
        }

        confirm.SetResult();

        await Wait.UntilAsync(() => gateway.InFlight == 0);
        probe.Of("orders.accepted").ShouldHaveSingleItem();
        probe.Of("orders.rejected").ShouldBeEmpty();
    }
}
