using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Routing;
using OrderFlow.NotificationService;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Storage;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.NotificationService;

/// <summary>A webhook that has answered 410 Gone.</summary>
public sealed class GoneWebhookTests(PostgresFixture postgres) : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecorder _logs = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Gone_webhook_is_not_called_again_by_any_replica_and_logged_once()
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        using var receiver = new Receiver(HttpStatusCode.Gone);
        await Should.ThrowAsync<PermanentFailureException>(
            scene.Channel(receiver, gone: Replica(scene)).SendAsync(WebhookScene.Message, Cancellation));

        var later =
            await Should.ThrowAsync<PermanentFailureException>(
                scene.Channel(receiver, gone: Replica(scene)).SendAsync(WebhookScene.Message, Cancellation));

        later.Message.ShouldContain("answered 410");
        receiver.Received.Count.ShouldBe(1);
        _logs.Lines.Count(line => line.EventId == 6003).ShouldBe(1);
        (await scene.Service.Database.ScalarAsync<string>("SELECT url || ' ' || event_id FROM gone_webhooks"))
            .ShouldBe($"http://receiver/hook {WebhookScene.Message.Id}");
    }

    [Fact]
    public async Task Of_replicas_that_get_410_at_the_same_time_one_logs_it()
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);

        await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Replica(scene).AddAsync(new Uri("http://receiver/hook"), Guid.CreateVersion7())));

        _logs.Lines.Count(line => line.EventId == 6003).ShouldBe(1);
    }

    [Fact]
    public async Task Another_address_is_called_and_so_is_a_gone_one_after_its_row_is_deleted()
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        using var receiver = new Receiver(HttpStatusCode.Gone, HttpStatusCode.NoContent);
        var channel = scene.Channel(receiver, gone: Replica(scene));
        await Should.ThrowAsync<PermanentFailureException>(channel.SendAsync(WebhookScene.Message, Cancellation));

        await scene.Channel(receiver, "http://receiver/another", Replica(scene)).SendAsync(WebhookScene.Message, Cancellation);
        await scene.Service.Database.ExecuteAsync("DELETE FROM gone_webhooks WHERE url = 'http://receiver/hook'");
        _time.Advance(GoneWebhooks.Freshness);
        await channel.SendAsync(WebhookScene.Message, Cancellation);

        receiver.Received.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Gone_webhook_is_in_the_metric_and_degrades_health_until_it_is_called_again()
    {
        await using var scene = await WebhookScene.StartAsync(postgres, _time);
        var gone = Replica(scene);
        var check =
            new WebhookHealthCheck(
                gone, Options.Create(
                    new NotificationOptions { Channel = ChannelKind.Webhook, Webhook = new() { Url = new("http://receiver/hook") } }));
        (await check.CheckHealthAsync(new(), Cancellation)).Status.ShouldBe(HealthStatus.Healthy);

        await gone.AddAsync(new Uri("http://receiver/hook"), Guid.CreateVersion7());

        var health = await check.CheckHealthAsync(new(), Cancellation);
        (health.Status, health.Description).ShouldBe(
            (HealthStatus.Degraded,
                "The webhook http://receiver/hook is gone (410) since 2000-01-01 00:00:00Z: notifications end as dead letters."));
        scene.Service.Get<NotificationInstruments>().WebhookIsGone.ShouldBeTrue();
        await scene.Service.Database.ExecuteAsync("DELETE FROM gone_webhooks");
        _time.Advance(GoneWebhooks.Freshness);
        (await check.CheckHealthAsync(new(), Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
        scene.Service.Get<NotificationInstruments>().WebhookIsGone.ShouldBeFalse();
    }

    private GoneWebhooks Replica(WebhookScene scene) => new(
        scene.Service.Get<NotificationDatabase>(), scene.Service.Get<NotificationInstruments>(), _time,
        LoggerFactory.Create(logging => logging.AddProvider(_logs)).CreateLogger<GoneWebhooks>());
}
