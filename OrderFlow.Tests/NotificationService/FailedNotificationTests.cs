using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using OrderFlow.Tests.Support.Services;
using RabbitMQ.Client;

namespace OrderFlow.Tests.NotificationService;

/// <summary>NotificationService on a broker and a database, with the switch that makes it fail.</summary>
public sealed class FailedNotificationTests(BrokerFixture broker, PostgresFixture postgres)
{
    private const string Key = "a key of some length";

    private readonly RecordingChannel _channel = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Notification_that_fails_by_the_switch_is_dead_lettered_and_sent_by_a_replay_after_healing()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var service = await StartAsync(bus, database, retryTiers: "1s");
        var raw = await bus.ConnectRawAsync();
        var name = bus.NameOf("notifications");
        await SwitchAsync(service, rate: 1);

        await NotificationOnBroker.PublishAsync(bus, "order-1");
        await raw.CountIsAsync($"{name}.dead-letters", 1);
        _channel.Told.ShouldBeEmpty();

        await SwitchAsync(service, rate: 0);
        var connections = new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString), AutomaticRecoveryEnabled = false };
        await new DeadLetterReplay(connections, TimeProvider.System)
            .ReplayAsync(name, new ReplayRequest(new ReplaySelection.All()), null, Cancellation);

        await Wait.UntilAsync(() => _channel.Told.Count == 1);
        _channel.Told[0].OrderId.ShouldBe("order-1");
        await raw.CountIsAsync($"{name}.dead-letters", 0);
    }

    [Fact]
    public async Task Notification_that_waits_for_its_retry_when_healed_is_sent_by_the_retry()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var service = await StartAsync(bus, database, retryTiers: "3s");
        var raw = await bus.ConnectRawAsync();
        var name = bus.NameOf("notifications");
        await SwitchAsync(service, rate: 1);

        await NotificationOnBroker.PublishAsync(bus, "order-1");
        await raw.CountIsAsync($"{name}.retry.3s", 1);
        await SwitchAsync(service, rate: 0);

        await Wait.UntilAsync(() => _channel.Told.Count == 1);
        await raw.CountIsAsync($"{name}.dead-letters", 0);
    }

    private static async Task SwitchAsync(WebApplication service, double rate)
    {
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var answer = await http.PutAsJsonAsync("/simulation/failure-rate", new { failureRate = rate }, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private Task<WebApplication> StartAsync(TestBus bus, TestDatabase database, string retryTiers) => NotificationOnBroker.StartAsync(
        bus, database, _channel, ("Messaging:RetryTiers", retryTiers), ("Simulation:Switchable", "true"), ("Simulation:Key", Key));
}
