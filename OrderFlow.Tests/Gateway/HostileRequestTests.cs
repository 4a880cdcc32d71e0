using System.Net;
using System.Text;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class HostileRequestTests
{
    private static readonly byte[] Order = Encoding.UTF8.GetBytes(RunningGateway.GoodOrder);

    public static TheoryData<string, int> Headers => new()
    {
        { "X-A: a\rb", 400 },
        { "X-A: a\nb", 400 },
        { "X-Correlation-ID: a\rSet-Cookie: b", 400 },
        { "X-Correlation-ID: a\r\n folded", 400 },
        { "X-Correlation-ID: a\0b", 400 },
        { "X-Correlation-ID: a\tb", 400 },
        { "X-Correlation-ID: a b", 400 },
        { "X-Correlation-ID:", 400 },
        { "X-Correlation-ID: caf\u00e9", 400 },
        { "X-Correlation-ID: a\r\nX-Correlation-ID: b", 400 },
        { "X-Correlation-ID: " + new string('a', 129), 400 },
        { "X-Tenant-ID: a\0b", 400 },
        { "X-Tenant-ID: a\tb", 400 },
        { "X-Tenant-ID:", 400 },
        { "X-Tenant-ID: a\r\nX-Tenant-ID: b", 400 },
        { "X-Tenant-ID: " + new string('a', 129), 400 },
        { "Content-Length: 1", 400 },
        { "X-A: " + new string('a', 20_000), 431 },
        { string.Join("\r\n", Enumerable.Range(0, 100).Select(number => $"X-{number}: a")), 431 },
        { "no colon", 400 },
        { "Transfer-Encoding: gzip", 400 },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Invalid_header_is_answered_with_problem_details_and_nothing_is_published(string header, int status)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answer = await gateway.SendRawAsync(Request(header), Order);

        answer.Status.ShouldBe(status);
        answer.Problem().GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        answer.Rest.ShouldBeEmpty();
        answer.Headers.Keys.ShouldNotContain("Set-Cookie");
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("traceparent: garbage")]
    [InlineData("traceparent: 00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("traceparent: 00-zz\r\ntracestate: ====,,,\r\nbaggage: %%%;=;;,")]
    [InlineData("traceparent: a\r\ntraceparent: b")]
    [InlineData("Expect: 100-continue-or-not")]
    [InlineData("Accept: application/xml")]
    public async Task Garbage_in_a_header_that_is_not_read_is_ignored(string header)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answer = await gateway.SendRawAsync(Request(header), Order);

        answer.Status.ShouldBe(202);
        gateway.Publisher.Published.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", 400)]
    [InlineData("POST\r\n\r\n", 400)]
    [InlineData("POST /orders HTTP/9.9\r\nHost: x\r\n\r\n", 505)]
    [InlineData("POST /orders HTTP/1.1\r\n\r\n", 400)]
    [InlineData("POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: abc\r\n\r\n", 400)]
    [InlineData("POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000", 400)]
    public async Task Request_that_is_not_HTTP_is_answered_with_problem_details(string request, int status)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answer = await gateway.SendRawAsync(Encoding.Latin1.GetBytes(request));

        answer.Status.ShouldBe(status);
        answer.Problem();
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Fact]
    public async Task Valid_order_before_garbage_on_the_same_connection_is_still_answered()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var answer = await gateway.SendRawAsync(Request("X-A: a"), Order);
        var both = await gateway.SendRawAsync([.. Request("Connection: keep-alive"), .. Order, .. "X\rY\r\n\r\n"u8]);

        answer.Status.ShouldBe(202);
        both.Status.ShouldBe(202);
        gateway.Publisher.Published.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Client_that_disconnects_within_its_body_publishes_nothing_and_frees_its_in_flight_slot()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync((byte[])[.. Request("X-A: a"), .. Order[..5]], TestContext.Current.CancellationToken);
            await Wait.UntilAsync(() => gateway.InFlight == 1);
        }

        await Wait.UntilAsync(() => gateway.InFlight == 0);
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET", "/orders", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/orders", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    public async Task Unknown_path_or_method_is_answered_with_problem_details(string method, string path, HttpStatusCode status)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response =
            await gateway.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(status);
        await RunningGateway.ReadProblemAsync(response);
    }

    private static byte[] Request(string header) => Encoding.Latin1.GetBytes(
        $"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{header}\r\n"
        + $"{(header.StartsWith("Transfer", StringComparison.Ordinal) ? "" : $"Content-Length: {Order.Length}\r\n")}\r\n");
}
