using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Ingestion.Telemetry;

[Collection("Monitor")]
public sealed class OtlpJsonTests(PostgresFixture postgres)
{
    private const string Trace = "5B8EFFF798038103D269B633813FC60C";
    private static readonly string Now = $"{(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100}";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/json", null)]
    [InlineData("Application/JSON; Charset=UTF-8", "GZIP")]
    [InlineData("application/json;charset=\"utf-8\"", "identity")]
    public async Task Json_span_is_stored_like_a_protobuf_span(string type, string? coding)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);

        using var answer = await SendAsync(monitor, "/v1/traces", Request(Span("eee19b7ec3c1b174", """
            "unknown":{"a":[1]},"flags":1,"attributes":[
              {"key":"text","value":{"stringValue":"x"}},{"key":"int","value":{"intValue":"7"}},
              {"key":"number","value":{"intValue":8.0}},{"key":"bool","value":{"boolValue":true}},
              {"key":"double","value":{"doubleValue":0.5}},{"key":"nan","value":{"doubleValue":"NaN"}},
              {"key":"bytes","value":{"bytesValue":"AQI="}},
              {"key":"list","value":{"arrayValue":{"values":[{"intValue":1}]}}},
              {"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}},
              {"key":"none","value":null}],
            "events":[{"timeUnixNano":NOW,"name":"e"}],
            "links":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"}],
            "status":{"code":2,"message":"broke"}
            """)), type, coding);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
        (await answer.Content.ReadAsStringAsync(CancellationToken)).ShouldBe("{}");
        await Wait.UntilAsync("it is stored", async () => await database.StoredSpansAsync() == 1);
        var span = (await monitor.GetJsonAsync($"/api/traces/{Trace}")).GetProperty("spans").EnumerateArray().ShouldHaveSingleItem();
        $"{Of("spanId")} {Of("name")} {Of("kind")} {Of("service")} {Of("problem")}".ShouldBe("eee19b7ec3c1b174 work server shell broke");
        (span.GetProperty("isError").GetBoolean(), span.GetProperty("durationMs").GetDouble()).ShouldBe((true, 1));
        span.GetProperty("attributes").GetRawText().ShouldBe(
            """{"text":"x","int":7,"number":8,"bool":true,"double":0.5,"nan":"NaN","bytes":"AQI=","list":[1]"""
            + ""","map":{"k":"v"},"none":null}""");
        span.GetProperty("links")[0].GetProperty("spanId").GetString().ShouldBe("b7ad6b7169203331");

        string? Of(string name) => span.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Json_log_record_is_stored()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var body = """
            {"resourceLogs":[{"scopeLogs":[{"scope":{"name":"c"},"logRecords":[
              {"timeUnixNano":"NOW","severityNumber":9,"body":{"stringValue":"hello \ud83d\ude00"},"traceId":"","spanId":""},
              {"severityNumber":"NINE"}]}]}]}
            """.Replace("NOW", Now, StringComparison.Ordinal);

        using var answer = await SendAsync(monitor, "/v1/logs", body);

        (await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken))
            .GetProperty("partialSuccess")
            .GetProperty("rejectedLogRecords")
            .GetString()
            .ShouldBe("1");
        await Wait.UntilAsync("it is stored", async () => await database.CountAsync("logs") == 1);
        (await database.ScalarAsync<string>("SELECT body FROM logs")).ShouldBe("hello \U0001F600");
    }

    [Theory]
    [InlineData("\"name\":\"\\ud83d\"")]
    [InlineData("\"traceId\":\"W47/95gDgQPSabYzgT/GDA==\"")]
    [InlineData("\"traceId\":\"xyz\"")]
    [InlineData("\"kind\":\"SPAN_KIND_SERVER\"")]
    [InlineData("\"startTimeUnixNano\":1.5")]
    [InlineData("\"startTimeUnixNano\":-1")]
    [InlineData("\"endTimeUnixNano\":1e999999999")]
    [InlineData("\"attributes\":{}")]
    [InlineData("\"attributes\":[{\"key\":\"a\",\"value\":{\"stringValue\":\"\\udc00\"}}]")]
    public async Task Invalid_span_is_rejected_alone_and_reported_to_the_sender(string wrong)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);

        using var answer = await SendAsync(
            monitor, "/v1/traces", Request($"{Span("eee19b7ec3c1b174")},{Span("eee19b7ec3c1b175", wrong)}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var told = (await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken)).GetProperty("partialSuccess");
        told.GetProperty("rejectedSpans").GetString().ShouldBe("1");
        told.GetProperty("errorMessage").GetString().ShouldNotBeNullOrEmpty();
        await Wait.UntilAsync("the good one is stored", async () => await database.StoredSpansAsync() == 1);
        monitor.Sum("telemetry.dropped", "reason=invalid").ShouldBe(1);
    }

    [Theory]
    [InlineData("/v1/traces", "{}")]
    [InlineData("/v1/traces", "{\"resourceSpans\":[]}")]
    [InlineData("/v1/traces", "")]
    [InlineData("/v1/logs", "{\"resourceLogs\":null}")]
    public async Task Empty_request_is_accepted(string path, string body)
    {
        await using var monitor = await WithoutDatabaseAsync();

        using var answer = await SendAsync(monitor, path, body);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(CancellationToken)).ShouldBe("{}");
    }

    [Theory]
    [InlineData("/v1/traces", "{", HttpStatusCode.BadRequest, 3)]
    [InlineData("/v1/traces", "[]", HttpStatusCode.BadRequest, 3)]
    [InlineData("/v1/traces", "{\"resourceSpans\":{}}", HttpStatusCode.BadRequest, 3)]
    [InlineData("/v1/metrics", "{}", HttpStatusCode.NotFound, 12)]
    public async Task Json_request_gets_its_errors_in_json(string path, string body, HttpStatusCode status, int code)
    {
        await using var monitor = await WithoutDatabaseAsync();

        using var answer = await SendAsync(monitor, path, body);

        answer.StatusCode.ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
        (problem.GetProperty("code").GetInt32(), problem.GetProperty("message").GetString()!.Length > 0).ShouldBe((code, true));
    }

    [Theory]
    [InlineData("text/plain", null, "Accept", "application/x-protobuf, application/json")]
    [InlineData("application/json; charset=utf-16", null, "Accept", "application/x-protobuf, application/json")]
    [InlineData("application/json", "br", "Accept-Encoding", "gzip, identity")]
    [InlineData("Application/X-Protobuf", "gzip, gzip", "Accept-Encoding", "gzip, identity")]
    public async Task Unsupported_type_or_encoding_answer_names_the_supported_ones(
        string type, string? coding, string header, string taken)
    {
        await using var monitor = await WithoutDatabaseAsync();

        using var answer = await SendAsync(monitor, "/v1/traces", "{}", type, coding, zip: false);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        string.Join(", ", answer.Headers.GetValues(header)).ShouldBe(taken);
    }

    [Fact]
    public async Task Json_request_without_the_key_is_refused_in_json()
    {
        await using var monitor = await WithoutDatabaseAsync();

        using var answer = await SendAsync(monitor, "/v1/traces", "{}", key: "another-key-than-this");

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        (await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken)).GetProperty("code").GetInt32().ShouldBe(16);
    }

    [Fact]
    public async Task Long_name_is_cut_between_characters()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);

        using var answer = await monitor.SendAsync(TelemetryRequests.Of(
            "a",
            TelemetryRequests.Span(Trace, "00000000000000a1", DateTimeOffset.UtcNow, 20, new string('a', 255) + "\U0001F600tail"),
            TelemetryRequests.Span(Trace, "00000000000000a2", DateTimeOffset.UtcNow, 20, "good")));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync("both are stored", async () => await database.StoredSpansAsync() == 2);
        (await monitor.GetJsonAsync($"/api/traces/{Trace}")).GetProperty("spans").EnumerateArray()
            .Select(span => span.GetProperty("name").GetString()).ShouldBe(["good", new string('a', 255)], ignoreOrder: true);
    }

    [Fact]
    public async Task Trace_that_the_database_refuses_is_dropped_alone()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        await database.ExecuteAsync("ALTER TABLE traces ADD CONSTRAINT small CHECK (1 / (CASE WHEN name = 'bad' THEN 0 ELSE 1 END) = 1)");

        using var answer = await monitor.SendAsync(TelemetryRequests.Of("a", Enumerable.Range(1, 9).Select(
            number =>
                TelemetryRequests.Span(
                    $"{number:x32}", "00000000000000a1", DateTimeOffset.UtcNow, 20, number == 5 ? "bad" : "good"))));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync("the others are stored", async () => await database.StoredSpansAsync() == 8);
        await Wait.UntilAsync("the bad one is counted", () => monitor.Sum("telemetry.dropped", "reason=refused") == 1);
    }

    private static string Span(string id, string more = "\"x\":1") =>
        $$"""{"traceId":"{{Trace}}","spanId":"{{id}}","parentSpanId":"","name":"work","kind":2"""
        + $$""","startTimeUnixNano":"{{Now}}","endTimeUnixNano":{{long.Parse(Now) + 1_000_000}},"""
        + more.Replace("NOW", Now, StringComparison.Ordinal) + "}";

    private static string Request(string spans) =>
        $$$"""
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shell"}}]},
          "scopeSpans":[{"scope":{"name":"s"},"spans":[{{{spans}}}]}],"schemaUrl":""}]}
        """;

    private static async Task<HttpResponseMessage> SendAsync(
        RunningMonitor monitor, string path, string body, string type = "application/json", string? coding = null, bool zip = true,
        string key = TelemetryRequests.Key)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(coding == "GZIP" && zip ? Zip(bytes) : bytes),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding is null ? [] : [coding]);
        request.Headers.Authorization = new AuthenticationHeaderValue("bearer", key);
        return await monitor.Http.SendAsync(request, CancellationToken);
    }

    private static byte[] Zip(byte[] body)
    {
        using var memory = new MemoryStream();
        using (var zip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            zip.Write(body);
        }

        return memory.ToArray();
    }

    private static Task<RunningMonitor> WithoutDatabaseAsync() => RunningMonitor.StartAsync(
        "amqp://nobody:nothing@127.0.0.1:1", "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=none",
        settings: ("Monitor:IngestKey", TelemetryRequests.Key));

    private static async Task<RunningMonitor> StartAsync(TestDatabase database)
    {
        var monitor = await RunningMonitor.StartAsync(
            "amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString, settings: ("Monitor:IngestKey", TelemetryRequests.Key));
        await monitor.Get<ISchema>().WaitUntilReadyAsync(CancellationToken);
        await Wait.UntilAsync(
            "the writer knows it, too", () => !monitor.Get<OrderFlow.Monitor.Ingestion.Telemetry.TelemetryWriter>().IsFailing);
        return monitor;
    }
}
