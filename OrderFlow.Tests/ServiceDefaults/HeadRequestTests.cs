using System.Net;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class HeadRequestTests
{
    [Theory]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/alive", HttpStatusCode.OK)]
    [InlineData("/metrics", HttpStatusCode.OK)]
    [InlineData("/fail", HttpStatusCode.InternalServerError)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/orders/1", HttpStatusCode.MethodNotAllowed)]
    public async Task HEAD_has_the_status_and_headers_of_GET_and_no_body(string path, HttpStatusCode status)
    {
        await using var service = await InstrumentedService.StartAsync();

        using var get = await SendAsync(service, HttpMethod.Get, path);
        using var head = await SendAsync(service, HttpMethod.Head, path);

        (get.StatusCode, head.StatusCode).ShouldBe((status, status));
        head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType);
        head.Content.Headers.Allow.ShouldBe(get.Content.Headers.Allow);
        (await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Answer_405_lists_HEAD_beside_GET_in_Allow()
    {
        await using var service = await InstrumentedService.StartAsync();

        using var fail = await SendAsync(service, HttpMethod.Delete, "/fail");
        using var orders = await SendAsync(service, HttpMethod.Head, "/orders/1");

        (fail.StatusCode, string.Join(' ', fail.Content.Headers.Allow)).ShouldBe((HttpStatusCode.MethodNotAllowed, "GET HEAD"));
        string.Join(' ', orders.Content.Headers.Allow).ShouldBe("POST");
    }

    [Fact]
    public async Task Metrics_answer_has_Vary_Accept()
    {
        await using var service = await InstrumentedService.StartAsync();

        using var answer = await SendAsync(service, HttpMethod.Get, "/metrics");

        string.Join(", ", answer.Headers.Vary).ShouldBe("Accept, Accept-Encoding");
    }

    private static async Task<HttpResponseMessage> SendAsync(InstrumentedService service, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        return await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
