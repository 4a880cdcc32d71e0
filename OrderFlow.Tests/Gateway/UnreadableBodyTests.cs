using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class UnreadableBodyTests
{
    public static TheoryData<string> Broken => new(
        "",
        " ",
        "{",
        "nonsense",
        "null",
        "[]",
        "\"order\"",
        "42",
        """{"items":[{"id":"i","quantity":1}],"userId":"u",""",
        """{"items":[{"id":"i","quantity":1}],"userId":"u",}""",
        """{"items":[{"id":"i","quantity":1}],"userId":"u"} trailing""",
        """{"items":[{"id":"i","quantity":1}],"userId":"u"}{}""",
        """{'items':[]}""",
        """{"items":[{"id":"i","quantity":01}],"userId":"u"}""",
        """{"items":[{"id":"i","quantity":NaN}],"userId":"u"}""",
        """{"items":[/* none */],"userId":"u"}""",
        "{\"userId\":\"a\nb\"}",
        $$"""{"x":{{new string('[', 5_000)}}{{new string(']', 5_000)}}}""",
        $$"""{"items":{{new string('[', 100_000)}}""");

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Body_that_is_not_a_JSON_object_is_answered_with_400(string body)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RunningGateway.ReadProblemAsync(response)).GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:malformed-body");
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00 })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF })]
    public async Task Body_that_is_not_UTF8_is_answered_with_400(byte[] body)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } });

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RunningGateway.ReadProblemAsync(response)).GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:malformed-body");
    }

    [Fact]
    public async Task Byte_order_mark_is_ignored()
    {
        await using var gateway = await RunningGateway.StartAsync();

        (await gateway.PostAsync("\uFEFF" + RunningGateway.GoodOrder)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("text/json")]
    [InlineData("application/jsonp")]
    public async Task Other_media_type_is_answered_with_415(string contentType)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(RunningGateway.GoodOrder, contentType);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        await RunningGateway.ReadProblemAsync(response);
        response.Headers.GetValues("Accept").ShouldBe(["application/json"]);
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Application/JSON; Charset=UTF-8")]
    [InlineData("APPLICATION/json; charset=\"utf-8\"; x=y")]
    [InlineData("application/vnd.example.order+JSON")]
    [InlineData("application/problem+json")]
    public async Task Media_type_is_case_insensitive_and_may_end_in_json(string contentType)
    {
        await using var gateway = await RunningGateway.StartAsync();

        (await gateway.PostAsync(RunningGateway.GoodOrder, contentType)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Missing_media_type_and_compressed_body_are_answered_with_415()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var untyped = new ByteArrayContent(Encoding.UTF8.GetBytes(RunningGateway.GoodOrder));
        var compressed =
            new StringContent(RunningGateway.GoodOrder, Encoding.UTF8, "application/json") { Headers = { ContentEncoding = { "gzip" } } };

        (await gateway.PostAsync(untyped)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        var refused = await gateway.PostAsync(compressed);
        refused.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        refused.Headers.GetValues("Accept-Encoding").ShouldBe(["identity"]);
        var plain =
            new StringContent(RunningGateway.GoodOrder, Encoding.UTF8, "application/json")
            {
                Headers = { ContentEncoding = { "Identity" } }
            };
        (await gateway.PostAsync(plain)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Body_over_one_megabyte_is_answered_with_413_with_Content_Length_or_chunked()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var body = Encoding.UTF8.GetBytes(RunningGateway.GoodOrder.PadRight(1_000_001));
        var announced = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var chunked =
            new StreamContent(new UnseekableStream(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        foreach (var content in (HttpContent[])[announced, chunked])
        {
            var response = await gateway.PostAsync(content);

            response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
            (await RunningGateway.ReadProblemAsync(response)).GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:too-large");
        }

        gateway.Publisher.Published.ShouldBeEmpty();
    }

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
