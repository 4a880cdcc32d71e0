using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>A Monitor, the queues of one service, and dead letters in them; the service itself only when a test begins it.</summary>
internal sealed class DeadLetterScene : IAsyncDisposable
{
    public const string Service = "notification-service";

    private readonly DirectoryInfo _kept = Directory.CreateTempSubdirectory("orderflow-discarded-");
    private VirtualHost _host = null!;

    public TestDatabase Database { get; private set; } = null!;

    public RunningMonitor Monitor { get; private set; } = null!;

    public IChannel Channel => _host.Channel;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public static async Task<DeadLetterScene> OnAsync(BrokerFixture broker, PostgresFixture postgres)
    {
        var scene = new DeadLetterScene
        {
            _host = await VirtualHost.CreateAsync(await broker.NodeAsync()),
            Database = await postgres.CreateDatabaseAsync(),
        };
        foreach (var queue in new[] { Service, $"{Service}.dead-letters" })
        {
            await scene.Channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: CancellationToken);
        }

        await scene.StartMonitorAsync();
        return scene;
    }

    /// <summary>Starts the Monitor, anew on the same database if there was one.</summary>
    public async Task StartMonitorAsync() => Monitor = await (await RunningMonitor.StartAsync(
        _host.ConnectionString, Database.ConnectionString, settings: ("Monitor:DiscardDirectory", _kept.FullName))).ReadyAsync();

    /// <summary>The service could not handle the event; what it says to be is its own body, or what a test puts in its place.</summary>
    public Task DeadLetterAsync(
        TestEvent @event, string reason = DeadLetterReasons.HandlerFailed, byte[]? body = null, string? encoding = null)
    {
        var properties = @event.Properties();
        properties.ContentEncoding = encoding;
        properties.Headers![HeaderNames.DeadLetterReason] = Encoding.UTF8.GetBytes(reason);
        properties.Headers[HeaderNames.DeadLetterHandler] = "CustomerNotifier"u8.ToArray();
        properties.Headers[HeaderNames.DeadLetterExceptionType] = "System.TimeoutException"u8.ToArray();
        properties.Headers[HeaderNames.DeadLetterExceptionMessage] = "nobody answers"u8.ToArray();
        properties.Headers[HeaderNames.DeadLetterAttempts] = 4L;
        properties.Headers[HeaderNames.DeadLetteredAt] = UnixMicroseconds.From(DateTimeOffset.UtcNow);
        return PutAsync($"{Service}.dead-letters", properties, body ?? @event.Body.ToByteArray());
    }

    /// <summary>Begins a service that handles what it is sent, or makes a dead letter of it, and publishes the life-cycle event.</summary>
    public async Task ServeAsync(Func<string, bool>? fails = null)
    {
        var consumer = new AsyncEventingBasicConsumer(Channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            var properties = new BasicProperties(delivery.BasicProperties);
            var kind = LifecycleEventNames.Handled;
            if (fails?.Invoke(properties.MessageId!) == true)
            {
                kind = LifecycleEventNames.DeadLettered;
                properties.Headers![HeaderNames.DeadLetterReason] = "handler_failed"u8.ToArray();
                properties.Headers[HeaderNames.DeadLetterExceptionType] = "System.TimeoutException"u8.ToArray();
                properties.Headers[HeaderNames.DeadLetterExceptionMessage] = "still broken"u8.ToArray();
                await PutAsync($"{Service}.dead-letters", properties, delivery.Body);
            }

            properties.Headers![HeaderNames.Notice] = Encoding.UTF8.GetBytes(kind);
            properties.Headers[HeaderNames.NoticeService] = Encoding.UTF8.GetBytes(Service);
            properties.Headers[HeaderNames.NoticeAt] = UnixMicroseconds.From(DateTimeOffset.UtcNow);
            await Channel.BasicPublishAsync(
                LifecycleEventNames.Exchange,
                $"{Service}.{kind}",
                mandatory: false,
                properties,
                ReadOnlyMemory<byte>.Empty,
                CancellationToken);
        };
        await Channel.BasicConsumeAsync(Service, autoAck: true, consumer, CancellationToken);
    }

    public Task<uint> CountDeadLettersAsync() => Channel.MessageCountAsync($"{Service}.dead-letters", CancellationToken);

    public async Task<JsonElement> PostAsync(object decision, HttpStatusCode status = HttpStatusCode.OK, string act = "replay")
    {
        using var answer = await Monitor.Http.PostAsJsonAsync($"/api/dead-letters/{Service}/{act}", decision, CancellationToken);
        answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync(CancellationToken));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
    }

    /// <summary>Starts a staged replay and returns its id.</summary>
    public async Task<Guid> StartStagedReplayAsync(object decision) =>
        (await PostAsync(decision, HttpStatusCode.Accepted)).GetProperty("run").GetGuid();

    /// <summary>Waits until a decision is as it should be.</summary>
    public async Task<JsonElement> DecisionAsync(Guid run, Func<JsonElement, bool> wanted)
    {
        var now = default(JsonElement);
        await Wait.UntilAsync(
            () => $"decision {run} is as it should be ({now})",
            async () => wanted(now = await Monitor.GetJsonAsync($"/api/dead-letters/decisions/{run}")));
        return now;
    }

    public async Task<JsonElement> ListAsync() =>
        (await Monitor.GetJsonAsync("/api/dead-letters")).GetProperty("services")
            .EnumerateArray()
            .Single(one => one.GetProperty("service").GetString() == Service);

    public async ValueTask DisposeAsync()
    {
        await Monitor.DisposeAsync();
        await Database.DisposeAsync();
        await _host.DisposeAsync();
        _kept.Delete(recursive: true);
    }

    private Task PutAsync(string queue, BasicProperties properties, ReadOnlyMemory<byte> body) =>
        Channel.BasicPublishAsync("", queue, mandatory: true, properties, body, CancellationToken).AsTask();
}
