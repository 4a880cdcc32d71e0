using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

/// <summary>
/// A person who opens the traces wants to see orders, with their statements, and nothing of what a service does to keep itself going.
/// </summary>
[Collection(LiveTelemetry.Name)]
public sealed class UpkeepSpanTests(BrokerFixture broker, PostgresFixture postgres)
{
    private const string Database = "Npgsql";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flow_is_one_trace_with_its_SQL_statements_and_no_statement_starts_a_trace()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        string trace;
        await using (await InstrumentedService.StartAsync(receiver.Environment))
        await using (var bus = await TestBus.OnAsync(broker))
        await using (var database = await postgres.CreateDatabaseAsync())
        {
            using var alone = new StatementsOutsideSpans();
            var service = new TransactionalService(bus, database);
            await service.PrepareAsync();
            await service.StartAsync();
            var publisher = await bus.StartPublisherAsync();
            var context = Flow.Start();
            using (var click = new Activity("the click").SetIdFormat(ActivityIdFormat.W3C))
            {
                click.ActivityTraceFlags = ActivityTraceFlags.Recorded;
                trace = click.Start().TraceId.ToHexString();
                await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
            }

            await service.EachEffectOnceAsync([context.EventId]);
            var before = alone.Count;
            await Wait.UntilAsync("the outbox has been looked at some times more", () => alone.Count >= before + 10);
        }

        var statements = receiver.Spans.Where(span => span.Source == Database).ToList();
        statements.Select(span => span.TraceId).Distinct().ShouldBe([trace]);
        var effect = statements.Single(span => span.Name == "INSERT effects");
        effect.Kind.ShouldBe(ActivityKind.Client);
        effect.Attributes["db.system.name"].ShouldBe("postgresql");
        effect.Attributes["db.query.summary"].ShouldBe("INSERT effects");
        effect.Attributes["db.query.text"].ShouldBe("INSERT INTO effects VALUES ($1)");
        receiver.Trace(trace).Select(span => span.SpanId).ShouldContain(effect.ParentSpanId);
        receiver.Spans.Select(span => span.TraceId).Distinct().ShouldBe([trace]);
    }

    [Fact]
    public async Task Probes_and_SQL_statements_outside_a_flow_make_no_spans_even_when_they_fail()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        var settings =
            new Dictionary<string, string>(receiver.Environment, StringComparer.Ordinal)
            {
                ["ConnectionStrings:orders"] = database.ConnectionString
            };
        settings.Remove("OTEL_TRACES_SAMPLER");
        await using (var service = await InstrumentedService.StartAsync(settings, builder => builder.AddDatabase("orders")))
        {
            await service.Services.GetRequiredService<ISchema>().WaitUntilReadyAsync(Cancellation);
            var source = service.Services.GetRequiredService<NpgsqlDataSource>();
            await using (var failing = source.CreateCommand("SELECT 1 FROM nowhere"))
            {
                await Should.ThrowAsync<PostgresException>(() => failing.ExecuteScalarAsync(Cancellation));
            }

            using var probe = new HttpRequestMessage(HttpMethod.Get, "/health");
            probe.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            (await service.Client.SendAsync(probe, Cancellation)).EnsureSuccessStatusCode().Dispose();
            await service.PlaceOrderAsync();
        }

        receiver.Spans.Select(span => span.Source).Distinct()
            .ShouldBe(["Microsoft.AspNetCore", InstrumentedService.Source], ignoreOrder: true);
        receiver.Spans.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_outgoing_request_is_a_span_within_a_flow_and_none_outside()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource(InstrumentedService.Source);
        using var http = new HttpClient();
        string trace;
        await using (var service = await InstrumentedService.StartAsync(receiver.Environment))
        {
            (await http.GetAsync(new Uri(service.Url, "/alive"), Cancellation)).EnsureSuccessStatusCode().Dispose();
            using var flow = source.StartActivity("flow");
            trace = flow!.TraceId.ToHexString();
            (await http.GetAsync(new Uri(service.Url, "/alive"), Cancellation)).EnsureSuccessStatusCode().Dispose();
        }

        receiver.Spans.Select(span => span.TraceId).Distinct().ShouldBe([trace]);
        receiver.Spans.Count(span => span.Kind == ActivityKind.Client).ShouldBe(1);
    }

    /// <summary>Counts statements that no span surrounds, without making them sampled.</summary>
    private sealed class StatementsOutsideSpans : IDisposable
    {
        private readonly ConcurrentQueue<string> _names = new();
        private readonly ActivityListener _listener;

        public StatementsOutsideSpans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Database,
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                {
                    if (options.Parent == default)
                    {
                        _names.Enqueue(options.Name);
                    }

                    return ActivitySamplingResult.PropagationData;
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public int Count => _names.Count;

        public void Dispose() => _listener.Dispose();
    }
}
