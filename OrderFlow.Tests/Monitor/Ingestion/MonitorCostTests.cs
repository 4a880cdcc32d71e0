using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Ingestion;

/// <summary>
/// What the Monitor's share of an order costs: a measurement, run by name:
/// <c>-explicit only -class OrderFlow.Tests.Monitor.Ingestion.MonitorCostTests</c>.
/// </summary>
[Collection("Monitor")]
public sealed class MonitorCostTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Orders = 10_000;
    private const int SpansPerOrder = 29;
    private const int SpansPerRequest = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory(Explicit = true)]
    [InlineData(1000)]
    [InlineData(5000)]
    public async Task Storing_the_events_of_an_order_costs(int batch)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, TimeProvider.System);
        // A thousand orders a second, each of them a third of a second on its way.
        var begin = DateTimeOffset.UtcNow.AddSeconds(-30);
        var events = Enumerable.Range(0, Orders + 1000)
            .SelectMany(number => EventsOf(OrderEvents.From(begin.AddMilliseconds(number), userId: $"user-{number % 500}")))
            .OrderBy(one => one.Context!.PublishedAtMicros).ToList();
        var warmUp = events[..5000];
        await monitor.ReceiveAsync(warmUp);
        var cost = await Cost.BeginAsync(database);
        foreach (var some in events[5000..].Chunk(batch))
        {
            await monitor.ReceiveAsync(some);
        }

        output.WriteLine($"events, {batch} at once: {await cost.PerOrderAsync(Orders)}");
    }

    [Fact(Explicit = true)]
    public async Task Storing_the_spans_of_an_order_costs()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StartAsync(
            "amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString,
            settings:
            [
                ("Monitor:IngestKey", TelemetryRequests.Key), ("Monitor:TraceRatio", "0.1"), ("Monitor:TraceQuiet", "00:00:01"),
            ]);
        await monitor.Get<ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var begin = DateTimeOffset.UtcNow.AddSeconds(-30);
        var requests = Enumerable.Range(0, Orders + 1000).SelectMany(number => SpansOf(begin.AddMilliseconds(number)))
            .Chunk(SpansPerRequest).Select(spans => TelemetryRequests.Of("order-service", spans).ToByteArray()).ToList();
        var first = 1000 * SpansPerOrder / SpansPerRequest;
        await SendAsync(requests[..first]);
        await DecidedAsync(1000 * SpansPerOrder);
        var cost = await Cost.BeginAsync(database);
        await SendAsync(requests[first..]);
        await DecidedAsync((Orders + 1000) * SpansPerOrder);
        output.WriteLine($"spans: {await cost.PerOrderAsync(Orders)}");

        async Task SendAsync(IEnumerable<byte[]> bodies)
        {
            foreach (var body in bodies)
            {
                using var answer = await monitor.SendAsync("/v1/traces", body);
                if (!answer.IsSuccessStatusCode)
                {
                    await Task.Delay(1000, TestContext.Current.CancellationToken);
                    using var again = await monitor.SendAsync("/v1/traces", body);
                    again.EnsureSuccessStatusCode();
                }
            }
        }

        Task DecidedAsync(int spans) => Wait.UntilAsync(
            $"{spans} spans are decided",
            () => monitor.Sum("telemetry.stored", "signal=traces") + monitor.Sum("telemetry.dropped", "reason=not_kept") >= spans,
            Patience);
    }

    private static IEnumerable<TappedMessage> EventsOf(OrderEvents order)
    {
        var origin = UnixMicroseconds.ToTime(order.Created.Context.OriginTimestampMicros);
        var stages = "1;accept=1520";
        var trace = $"00-{Guid.NewGuid():N}";
        string[] hops = ["order.created", "payment.requested", "payment.processed", "order.processed"];
        foreach (var (index, one) in order.All.Index())
        {
            if (index > 0)
            {
                stages += string.Create(
                    CultureInfo.InvariantCulture,
                    $";{hops[index - 1]}:broker={1000 + Random.Shared.Next(9000)},buffer={Random.Shared.Next(5000)},"
                    + $"handling={Random.Shared.Next(9000)},transaction={Random.Shared.Next(20000)},outbox={Random.Shared.Next(5000)}");
            }

            var sent = (index == 4 ? order.SentWith(stages + ";unaccounted=12;end", 320_000) : one with { Stages = stages })
                .PublishedAt(origin.AddMilliseconds(1 + (80 * index)));
            var message = sent.Tapped();
            var headers = message.Headers.ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal);
            headers["traceparent"] = System.Text.Encoding.ASCII.GetBytes($"{trace}-{Random.Shared.NextInt64():x16}-01");
            headers.Remove("tracestate");
            yield return message with { Headers = headers };
        }
    }

    private static IEnumerable<Span> SpansOf(DateTimeOffset begin)
    {
        var trace = Guid.NewGuid().ToString("N");
        var order = Guid.CreateVersion7();
        for (var number = 0; number < SpansPerOrder; number++)
        {
            var isSql = number % 3 != 0;
            var span = TelemetryRequests.Span(
                trace, $"{Random.Shared.NextInt64() | 1:x16}", begin.AddMilliseconds(number * 10), 3 + Random.Shared.NextDouble(),
                isSql ? $"INSERT orders_{number % 7}" : $"process order.events:order.created_{number % 7}:order-service",
                number == 0 ? null : "00000000000000a1", kind: isSql ? TelemetryRequests.Client : TelemetryRequests.Consumer);
            foreach (var (key, value) in isSql
                ? new[]
                {
                    ("db.system.name", "postgresql"), ("db.namespace", "orders"), ("db.query.summary", $"INSERT orders_{number % 7}"),
                    ("server.address", "127.0.0.1"), ("server.port", "5432"), ("db.client.connection.pool.name", "orders"),
                    ("db.query.text", $"WITH handled AS (INSERT INTO inbox (consumer, event_id, handled_at) SELECT 'order-service', * FROM "
                        + $"unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id), stored AS (INSERT INTO orders_{number % 7} (id, "
                        + "user_id, status, total, currency, created_at) SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], "
                        + "$5::numeric[]) RETURNING id) SELECT event_id FROM handled"),
                }
                :
                [
                    ("messaging.system", "rabbitmq"), ("messaging.operation.name", "process"), ("messaging.operation.type", "process"),
                    ("messaging.destination.name", "order.events:order.created:order-service"),
                    ("messaging.rabbitmq.destination.routing_key", "order.created"),
                    ("messaging.message.id", Guid.CreateVersion7().ToString()),
                    ("messaging.message.conversation_id", order.ToString()), ("messaging.message.body.size", "309"),
                    ("orderflow.buffer_micros", "1200"),
                ])
            {
                span.Attributes.Add(new KeyValue { Key = key, Value = new AnyValue { StringValue = value } });
            }

            yield return span;
        }
    }

    /// <summary>What was used since it began.</summary>
    private sealed class Cost(TestDatabase database, string lsn, long commits, TimeSpan own, double server, long at)
    {
        public static async Task<Cost> BeginAsync(TestDatabase database) => new(
            database, (await database.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text"))!, await CommitsAsync(database), Own(),
            await ServerAsync(database), Stopwatch.GetTimestamp());

        public async Task<string> PerOrderAsync(int orders)
        {
            var seconds = Stopwatch.GetElapsedTime(at).TotalSeconds;
            var (used, used2) = (Own() - own, await ServerAsync(database) - server);
            var wal = await database.ScalarAsync<long>($"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{lsn}')::bigint");
            var committed = await CommitsAsync(database) - commits;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(double)wal / orders:0} bytes of WAL, {committed * 1000.0 / orders:0.0} commits per 1000, "
                + $"CPU per 10,000 orders {used.TotalSeconds * 10_000 / orders:0.00} s here and {used2 * 10_000 / orders:0.00} s in "
                + $"PostgreSQL's sessions, {orders / seconds:0} orders/s");
        }

        private static TimeSpan Own()
        {
            using var process = Process.GetCurrentProcess();
            return process.TotalProcessorTime;
        }

        private static async Task<long> CommitsAsync(TestDatabase database)
        {
            // Sessions report what they did at most once a second.
            await Task.Delay(1100, TestContext.Current.CancellationToken);
            return await database.ScalarAsync<long>("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
        }

        /// <summary>Seconds of the sessions that there are, which the pool keeps.</summary>
        private static async Task<double> ServerAsync(TestDatabase database)
        {
            var pids = await database.ScalarAsync<int[]>("SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = current_database()");
            return pids!.Where(pid => File.Exists($"/proc/{pid}/stat")).Sum(pid =>
            {
                var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
                var ticks = fields[11..13].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
                return ticks / 100.0;
            });
        }
    }
}
