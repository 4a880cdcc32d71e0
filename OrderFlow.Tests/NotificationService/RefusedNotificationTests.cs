using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using OrderFlow.Tests.Support.Services;
using RabbitMQ.Client;

namespace OrderFlow.Tests.NotificationService;

/// <summary>NotificationService on a broker and a database, and a webhook that does not take what it is sent.</summary>
public sealed class RefusedNotificationTests(BrokerFixture broker, PostgresFixture postgres)
{
    private readonly ConcurrentQueue<(string Id, long At)> _asked = new();
    private volatile int _status = 404;
    private volatile string? _retryAfter;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Notification_that_the_webhook_answers_with_404_is_sent_once_dead_lettered_and_sent_again_by_a_replay()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var webhook = await StartWebhookAsync();
        await using var service = await StartAsync(bus, database, webhook, "1s,1s");
        using var probe = new MeterProbe(service.Services.GetRequiredService<IMeterFactory>());
        var raw = await bus.ConnectRawAsync();
        var name = bus.NameOf("notifications");

        await NotificationOnBroker.PublishAsync(bus, "order-1");
        await raw.CountIsAsync($"{name}.dead-letters", 1);
        _asked.Count.ShouldBe(1);
        await Wait.UntilAsync(() => probe.Of("event_processing.end_to_end_latency").Count == 1);
        probe.Of("event_processing.end_to_end_latency").Single().Tags.ShouldContain("status=failure,attempt=first");

        _status = 204;
        var connections = new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString), AutomaticRecoveryEnabled = false };
        await new DeadLetterReplay(connections, TimeProvider.System)
            .ReplayAsync(name, new ReplayRequest(new ReplaySelection.All()), null, Cancellation);

        await Wait.UntilAsync(async () =>
            await database.ScalarAsync<long>("SELECT count(*) FROM notifications WHERE status = 'told'") == 1);
        _asked.Count.ShouldBe(2);
        await Wait.UntilAsync(() => probe.Of("event_processing.end_to_end_latency").Count == 2);
        probe.Of("event_processing.end_to_end_latency")[1].Tags.ShouldContain("status=success,attempt=replayed");
        await raw.CountIsAsync($"{name}.dead-letters", 0);
    }

    [Fact]
    public async Task After_410_every_other_notification_is_dead_lettered_with_the_reason_without_calling_the_webhook()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var webhook = await StartWebhookAsync();
        await using var service = await StartAsync(bus, database, webhook, "1s");
        _status = 410;
        var raw = await bus.ConnectRawAsync();
        var letters = $"{bus.NameOf("notifications")}.dead-letters";
        await NotificationOnBroker.PublishAsync(bus, "order-1");
        await raw.CountIsAsync(letters, 1);
        await raw.GetAsync(letters);

        await NotificationOnBroker.PublishAsync(bus, "order-2");

        var letter = (await raw.GetAsync(letters)).BasicProperties;
        letter.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.PermanentFailure);
        letter.Text(HeaderNames.DeadLetterExceptionMessage).ShouldNotBeNull().ShouldContain("is gone: it answered 410 at");
        _asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task All_notifications_wait_for_Retry_After_of_the_webhook_and_are_sent_afterwards()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var webhook = await StartWebhookAsync();
        await using var service = await StartAsync(bus, database, webhook, "200ms,400ms");
        (_status, _retryAfter) = (503, "2");
        await NotificationOnBroker.PublishAsync(bus, "order-0");
        await Wait.UntilAsync(() => _asked.Count == 1);

        await NotificationOnBroker.PublishAsync(bus, [.. Enumerable.Range(1, 10).Select(n => $"order-{n}")]);
        (_status, _retryAfter) = (204, null);

        await Wait.UntilAsync(async () =>
            await database.ScalarAsync<long>("SELECT count(*) FROM notifications WHERE status = 'told'") == 11);
        var asked = _asked.ToList();
        asked.Count.ShouldBe(12, "one was asked twice, the others once");
        asked.Skip(1).ShouldAllBe(other => TimeProvider.System.GetElapsedTime(asked[0].At, other.At) > TimeSpan.FromSeconds(1.95));
        await (await bus.ConnectRawAsync()).CountIsAsync($"{bus.NameOf("notifications")}.dead-letters", 0);
    }

    private static Task<WebApplication> StartAsync(
        TestBus bus, TestDatabase database, WebApplication webhook, string retryTiers) => NotificationOnBroker.StartAsync(
        bus,
        database,
        channel: null,
        ("Messaging:RetryTiers", retryTiers),
        ("Notification:Channel", "Webhook"),
        ("Notification:Webhook:Url", webhook.Urls.Single()),
        ("Notification:Webhook:Secret", WebhookScene.Secret),
        ("Notification:Webhook:RetryDelay", "00:00:00.010"));

    private async Task<WebApplication> StartWebhookAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/", (HttpContext http) =>
        {
            _asked.Enqueue((http.Request.Headers["X-OrderFlow-Notification-Id"].ToString(), TimeProvider.System.GetTimestamp()));
            http.Response.StatusCode = _status;
            http.Response.Headers.RetryAfter = _retryAfter;
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
