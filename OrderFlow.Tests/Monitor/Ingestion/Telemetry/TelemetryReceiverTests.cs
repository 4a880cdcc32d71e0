using System.Net;
using Google.Protobuf;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Ingestion.Telemetry;

[Collection("Monitor")]
public sealed class TelemetryReceiverTests(PostgresFixture postgres)
{
    private const string NoBroker = "amqp://nobody:nothing@127.0.0.1:1";
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Span_sent_twice_is_stored_and_counted_once(bool zip)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var child = TelemetryRequests.Of(
            "b", TelemetryRequests.Span(Trace, "00000000000000b2", Now.AddMilliseconds(10), 40, parent: "00000000000000a1", error: true));
        var root = TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a1", Now, 20, "POST /orders"));

        foreach (var request in new[] { child, root, child, root })
        {
            using var answer = await monitor.SendAsync("/v1/traces", request.ToByteArray(), zip: zip);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-protobuf");
            (await ReadAsync(answer, ExportResponse.Parser)).PartialSuccess.ShouldBeNull();
        }

        await Wait.UntilAsync(
            "both are stored",
            async () => await database.StoredSpansAsync() == 2);
        var told = await monitor.GetJsonAsync($"/api/traces/{Trace}");
        var trace = told.GetProperty("trace");
        trace.GetProperty("operation").GetString().ShouldBe("POST /orders");
        trace.GetProperty("service").GetString().ShouldBe("a");
        trace.GetProperty("services").EnumerateArray().Select(one => one.GetString()).ShouldBe(["a", "b"]);
        trace.GetProperty("durationMs").GetDouble().ShouldBe(50, 0.01);
        trace.GetProperty("errors").GetInt64().ShouldBe(1);
        told.GetProperty("spans")
            .EnumerateArray()
            .Select(span => (span.GetProperty("service").GetString(), span.GetProperty("depth").GetInt32()))
            .ShouldBe([("a", 0), ("b", 1)]);
        told.GetProperty("spans")[1].GetProperty("problem").GetString().ShouldBe("it broke");
        told.GetProperty("spans")[1].GetProperty("attributes").GetProperty("email").GetString().ShouldBe("•••");
    }

    [Fact]
    public async Task Unreadable_request_is_answered_as_the_protocol_demands()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var good = TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a1", Now, 20)).ToByteArray();

        (await StatusOfAsync(monitor.SendAsync("/v1/traces", "no protobuf at all"u8.ToArray()), HttpStatusCode.BadRequest))
            .ShouldContain("cannot be read");
        (await StatusOfAsync(monitor.SendAsync("/v1/logs", [0x0a, 0xff]), HttpStatusCode.BadRequest)).ShouldContain("cannot be read");
        (await StatusOfAsync(monitor.SendAsync("/v1/traces", good, type: "application/yaml"), HttpStatusCode.UnsupportedMediaType))
            .ShouldContain("application/x-protobuf");
        (await StatusOfAsync(monitor.SendAsync("/v1/traces", new byte[5 * 1024 * 1024]), HttpStatusCode.RequestEntityTooLarge))
            .ShouldContain("4194304");
        (await StatusOfAsync(monitor.SendAsync("/v1/traces", new byte[64 * 1024 * 1024], zip: true), HttpStatusCode.RequestEntityTooLarge))
            .ShouldContain("4194304");
        (await StatusOfAsync(monitor.SendAsync("/v1/traces", good, key: null), HttpStatusCode.Unauthorized)).ShouldContain("ingest key");
        (await StatusOfAsync(monitor.SendAsync("/v1/traces", good, key: "another-key-than-this"), HttpStatusCode.Unauthorized))
            .ShouldContain("ingest key");
        (await monitor.GetJsonAsync("/api/traces")).GetProperty("traces").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Valid_spans_of_a_request_with_invalid_ones_are_kept_and_the_rest_reported()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var nul = TelemetryRequests.Span(Trace, "00000000000000a1", Now, 20, "a\0b");
        nul.Attributes.Add(new KeyValue { Key = "odd", Value = new AnyValue { DoubleValue = double.NaN } });
        var request = TelemetryRequests.Of(
            "a",
            nul,
            TelemetryRequests.Span(Trace, "0000000000000000", Now, 20),
            TelemetryRequests.Span("00000000000000a1", "00000000000000a2", Now, 20),
            TelemetryRequests.Span(Trace, "00000000000000a3", Now.AddDays(-30), 20));

        using var answer = await monitor.SendAsync(request);

        (await ReadAsync(answer, ExportResponse.Parser)).PartialSuccess.Rejected.ShouldBe(3);
        await Wait.UntilAsync("the good one is stored", async () => await database.StoredSpansAsync() == 1);
        (await database.ScalarAsync<string>("SELECT name FROM traces")).ShouldBe("ab");
        monitor.Sum("telemetry.dropped", "reason=invalid").ShouldBe(3);
    }

    [Fact]
    public async Task Full_buffer_refuses_at_once_and_its_content_is_stored_later()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database, ("Monitor:TelemetryBuffer", "1"));
        await using (var connection = await database.Source.OpenConnectionAsync(CancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(CancellationToken))
        {
            await using (var locking = new Npgsql.NpgsqlCommand("LOCK TABLE traces IN ACCESS EXCLUSIVE MODE", connection))
            {
                await locking.ExecuteNonQueryAsync(CancellationToken);
            }

            using var stored = await monitor.SendAsync(
                TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a1", Now, 20)));
            await Wait.UntilAsync(
                "it is decided, and waits for the table",
                () => monitor.Probe.Of("telemetry.undecided").Select(one => one.Value).ToList() is { Count: > 0 } values
                    && values.Contains(1) && values[^1] == 0);
            using var first = await monitor.SendAsync(
                TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a2", Now, 20)));
            using var second = await monitor.SendAsync(
                TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a3", Now, 20)));

            first.StatusCode.ShouldBe(HttpStatusCode.OK);
            second.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            second.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            (await ReadAsync(second, RpcStatus.Parser)).Code.ShouldBe(8);
        }

        await Wait.UntilAsync("the others are stored", async () => await database.StoredSpansAsync() == 2);
        monitor.Sum("telemetry.dropped", "reason=buffer_full").ShouldBe(1);
    }

    [Fact]
    public async Task Full_buffer_without_a_database_answers_unavailable()
    {
        await using var monitor = await RunningMonitor.StartAsync(
            NoBroker, "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=none",
            settings: [("Monitor:IngestKey", TelemetryRequests.Key), ("Monitor:TelemetryBuffer", "1")]);

        using var first = await monitor.SendAsync(TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a1", Now, 20)));
        using var second = await monitor.SendAsync(TelemetryRequests.Of("a", TelemetryRequests.Span(Trace, "00000000000000a2", Now, 20)));

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        second.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
    }

    private static async Task<RunningMonitor> StartAsync(TestDatabase database, params (string Key, string Value)[] settings)
    {
        var monitor = await RunningMonitor.StartAsync(
            NoBroker, database.ConnectionString, settings: [("Monitor:IngestKey", TelemetryRequests.Key), .. settings]);
        await monitor.Get<ISchema>().WaitUntilReadyAsync(CancellationToken);
        await Wait.UntilAsync(
            "the writer knows it, too", () => !monitor.Get<OrderFlow.Monitor.Ingestion.Telemetry.TelemetryWriter>().IsFailing);
        return monitor;
    }

    private static async Task<string> StatusOfAsync(Task<HttpResponseMessage> sending, HttpStatusCode expected)
    {
        using var answer = await sending;
        answer.StatusCode.ShouldBe(expected);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-protobuf");
        return (await ReadAsync(answer, RpcStatus.Parser)).Message;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, MessageParser<T> parser)
        where T : IMessage<T> => parser.ParseFrom(await answer.Content.ReadAsByteArrayAsync(CancellationToken));
}
