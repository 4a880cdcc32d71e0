using System.Net;
using System.Text;
using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor.Hosting;

/// <summary>Which request bodies the API takes, without a broker or a database.</summary>
[Collection("Monitor")]
public sealed class RequestBodyTests
{
    private const string Replay = "/api/dead-letters/order-service/replay";

    [Theory]
    [InlineData("""{"all":true,"ramp":true,"dryRun":true,"steps":[1.0,5e0,500e-1],"rate":1e1}""", HttpStatusCode.ServiceUnavailable)]
    [InlineData("""{"all":true,"ramp":true,"dryRun":true,"steps":[1.5]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"all":true,"ramp":true,"dryRun":true,"steps":[1e999999999]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"all":true,"reason":"\ud83d","by":"x"}""", HttpStatusCode.BadRequest)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    public async Task Body_with_numbers_in_any_notation_is_read_and_an_invalid_one_is_refused(string body, HttpStatusCode status)
    {
        await using var monitor = await StartAsync();

        using var answer = await monitor.Http.PostAsync(
            Replay, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (answer.Headers.RetryAfter is not null).ShouldBe(status == HttpStatusCode.ServiceUnavailable);
    }

    [Theory]
    [InlineData("text/plain", null, "Accept", "application/json")]
    [InlineData("application/json", "gzip", "Accept-Encoding", "identity")]
    public async Task Unsupported_media_type_answer_names_the_supported_one(string type, string? coding, string header, string taken)
    {
        await using var monitor = await StartAsync();
        using var content = new StringContent("{}", Encoding.UTF8, type);
        content.Headers.ContentEncoding.Clear();
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding is null ? [] : [coding]);

        using var answer = await monitor.Http.PostAsync(Replay, content, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        answer.Headers.GetValues(header).ShouldBe([taken]);
    }

    private static Task<RunningMonitor> StartAsync() =>
        RunningMonitor.StartAsync("amqp://nobody:nothing@127.0.0.1:1", "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=none");
}
