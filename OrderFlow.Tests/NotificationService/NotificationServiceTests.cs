using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.NotifyCustomer;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.NotificationService.Storage;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.NotificationService;

public sealed class NotificationServiceTests(PostgresFixture postgres)
{
    private static readonly OrderProcessed Order =
        new() { OrderId = "order-1", UserId = "user-1", Email = "alice@example.org", Total = 12.48m.ToMoney("EUR") };

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingChannel _channel = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Customer_is_notified_recorded_published_and_measured_once(bool outside)
    {
        _channel.ReachesOutside = outside;
        _channel.Telling = () => _time.Advance(TimeSpan.FromMilliseconds(120));
        await using var service = await StartAsync();
        var context = Begun();

        await HandleAsync(service, context);

        _channel.Told.ShouldHaveSingleItem().Text.ShouldBe("Your order order-1 is complete. You paid 12.48 EUR.");
        (await service.CausedAsync()).ShouldHaveSingleItem()
            .ShouldBe(new NotificationSent { OrderId = "order-1", UserId = "user-1", Channel = "recording", EndToEndMicros = 120_000 });
        (await service.Database.ScalarAsync<string>(
            "SELECT concat_ws(' ', status, channel, attempts, end_to_end_micros) FROM notifications")).ShouldBe("told recording 1 120000");
        (await service.CountedAsync()).ShouldBe(["events.effects 1", "notifications.sent order.processed 1"]);
        (await service.EndedAsync()).ShouldBe(["OrderCreationFlow success first 0.12"]);
        (await service.Database.ScalarAsync<string>("SELECT attempt FROM notifications")).ShouldBe("first");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Event_handled_again_with_its_record_there_notifies_nobody_twice_outside_and_measures_nothing_twice(bool outside)
    {
        _channel.ReachesOutside = outside;
        await using var service = await StartAsync();
        var context = Begun();
        await HandleAsync(service, context);
        // What a rollback leaves: the note, and neither the inbox's row nor the outbox's.
        await service.Database.ExecuteAsync("DELETE FROM inbox; DELETE FROM outbox");
        _time.Advance(TimeSpan.FromSeconds(30));

        await HandleAsync(service, context);

        // A line of the log may come twice; nothing that leaves the system may.
        _channel.Told.Count.ShouldBe(outside ? 1 : 2);
        (await service.EndedAsync()).Count.ShouldBe(1);
        (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBeOfType<NotificationSent>().EndToEndMicros.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stage_durations_sum_to_the_latency_and_are_published_with_the_notification(bool outside)
    {
        _channel.ReachesOutside = outside;
        _channel.Telling = () => _time.Advance(TimeSpan.FromMilliseconds(120));
        await using var service = await StartAsync();
        var context = Begun();
        _time.Advance(TimeSpan.FromMilliseconds(2));
        context = context with
        {
            Stages = OpenLedger.Continue(
                "1;accept=700;order.created:broker=-50,handling=300,handling=50;made.up:broker=20;order.created:made_up=5"u8.ToArray(),
                context.OriginTimestampMicros + 1025, "order.processed", Stage.Broker)
                .Arrive(Stage.Handling, ClockReading.Now(_time), _time),
        };

        await HandleAsync(service, context);

        const string header =
            "1;accept=700;order.created:broker=-50,handling=300,handling=50;made.up:broker=20;order.created:made_up=5;"
            + "order.processed:broker=975,handling=120000;end";
        await OneNotificationAsync();
        // Handled again it says the same, whatever time it is now.
        await service.Database.ExecuteAsync("DELETE FROM inbox; DELETE FROM outbox");
        _time.Advance(TimeSpan.FromSeconds(30));
        await HandleAsync(service, context);
        await OneNotificationAsync();
        (await service.EndedAsync()).ShouldBe(["OrderCreationFlow success first 0.122"]);
        service.Probe.Of("event_flow.stage.duration")
            .ToDictionary(measured => measured.Tags, measured => measured.Value, StringComparer.Ordinal).ShouldBe(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["flow=OrderCreationFlow,stage=unaccounted"] = 0,
                ["flow=OrderCreationFlow,stage=accept"] = 0.0007,
                ["flow=OrderCreationFlow,stage=order.created/handling"] = 0.00035,
                ["flow=OrderCreationFlow,stage=other"] = 0.000025,
                ["flow=OrderCreationFlow,stage=order.processed/broker"] = 0.000975,
                ["flow=OrderCreationFlow,stage=order.processed/handling"] = 0.12,
            },
            ignoreOrder: true);
        service.Probe.Of("event_flow.stage.negative").ShouldHaveSingleItem().Tags.ShouldBe(
            "flow=OrderCreationFlow,stage=order.created/broker");

        async Task OneNotificationAsync()
        {
            (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBeOfType<NotificationSent>().EndToEndMicros.ShouldBe(122_000);
            var stored = StoredContext.Read(await service.Database.ScalarAsync<string>("SELECT context::text FROM outbox"));
            System.Text.Encoding.ASCII.GetString(stored.Event.Ledger.WriteAt(ClockReading.Now(_time))).ShouldBe(header);
        }
    }

    [Fact]
    public async Task Record_of_an_older_version_has_a_total_and_no_stages()
    {
        await using var service = await StartAsync();
        var context = Begun();
        await HandleAsync(service, context);
        await service.Database.ExecuteAsync(
            "DELETE FROM inbox; DELETE FROM outbox; UPDATE notifications SET stages = NULL, end_to_end_micros = 77");

        await HandleAsync(service, context);

        var stored = StoredContext.Read(await service.Database.ScalarAsync<string>("SELECT context::text FROM outbox"));
        System.Text.Encoding.ASCII.GetString(stored.Event.Ledger.Write()).ShouldBe("1;unaccounted=77;end");
    }

    [Fact]
    public async Task Event_without_an_order_id_notifies_nobody()
    {
        await using var service = await StartAsync();

        var processed =
            await service.HandleAsync<OrderProcessed, PreparedNotification, OrderProcessedHandler>((Begun(), new OrderProcessed()));
        var rejected =
            await service.HandleAsync<OrderRejected, PreparedNotification, OrderRejectedHandler>(
                (Begun(), new OrderRejected { OrderId = "order-1" }));

        processed.ShouldHaveSingleItem().Exception.ShouldBeOfType<InvalidDataException>();
        rejected.ShouldHaveSingleItem().Exception.ShouldBeOfType<InvalidDataException>().Message.ShouldContain("'order-1'");
        _channel.Told.ShouldBeEmpty();
        (await service.Database.CountAsync("notifications")).ShouldBe(0);
    }

    [Fact]
    public async Task Rejected_order_whose_customer_was_notified_is_a_success()
    {
        await using var service = await StartAsync();
        var rejected =
            new OrderRejected
            {
                OrderId = "order-2",
                UserId = "user-1",
                Reason = "out_of_stock",
                Detail = "There are not 2 of 'item-rare' left."
            };

        await service.HandleAsync<OrderRejected, PreparedNotification, OrderRejectedHandler>((Begun(), rejected));

        _channel.Told.ShouldHaveSingleItem().Text.ShouldBe(
            "Your order order-2 could not be fulfilled, and nothing is charged. There are not 2 of 'item-rare' left.");
        (await service.EndedAsync()).ShouldHaveSingleItem().ShouldStartWith("OrderCreationFlow success first");
    }

    [Fact]
    public async Task Notification_of_a_payment_timeout_does_not_say_that_nothing_is_charged()
    {
        await using var service = await StartAsync();
        var rejected =
            new OrderRejected
            {
                OrderId = "order-2",
                UserId = "user-1",
                Reason = "payment_timeout",
                Detail = "Your payment was not confirmed in time."
            };

        await service.HandleAsync<OrderRejected, PreparedNotification, OrderRejectedHandler>((Begun(), rejected));

        _channel.Told.ShouldHaveSingleItem().Text.ShouldBe(
            "Your order order-2 could not be fulfilled. Your payment was not confirmed in time.");
    }

    [Fact]
    public async Task Failed_notification_is_retried_and_only_the_successful_one_is_measured()
    {
        await using var service = await StartAsync();
        var context = Begun();
        _channel.Telling = () => throw new HttpRequestException("away");
        (await HandleAsync(service, context)).Status.ShouldBe(DeliveryStatus.Failed);
        (await service.EndedAsync()).ShouldBeEmpty();
        _channel.Telling = () => { };

        (await HandleAsync(service, context with { Attempt = 2 })).Status.ShouldBe(DeliveryStatus.Handled);

        (await service.Database.ScalarAsync<string>("SELECT concat_ws(' ', status, attempts) FROM notifications")).ShouldBe("told 2");
        (await service.EndedAsync()).ShouldHaveSingleItem().ShouldStartWith("OrderCreationFlow success retried");
    }

    [Theory]
    [InlineData(1, false, FlowAttempt.First, "first")]
    [InlineData(2, false, FlowAttempt.First, "retried")]
    [InlineData(3, true, FlowAttempt.First, "replayed")]
    [InlineData(1, false, FlowAttempt.Retried, "retried")]
    [InlineData(2, false, FlowAttempt.Replayed, "replayed")]
    public async Task First_retried_and_replayed_flows_have_different_labels_whichever_hop_was_retried(
        int attempt, bool replayed, FlowAttempt before, string label)
    {
        await using var service = await StartAsync();

        await HandleAsync(service, Begun() with { Attempt = attempt, Replayed = replayed, FlowAttempt = before });

        (await service.EndedAsync()).ShouldHaveSingleItem().ShouldStartWith($"OrderCreationFlow success {label} ");
        (await service.Database.ScalarAsync<string>("SELECT attempt FROM notifications")).ShouldBe(label);
    }

    [Fact]
    public async Task Flow_whose_customer_was_notified_is_no_failure_when_its_event_is_dead_lettered_later()
    {
        await using var service = await StartAsync();
        var (told, other) = (Begun(), Begun() with { AggregateId = "order-2" });
        await HandleAsync(service, told);
        await service.Database.ExecuteAsync("DELETE FROM flow_ends");

        await service.Get<IGivenUpFlowRecorder>().TryRecordAsync(told, Guid.Empty, TestContext.Current.CancellationToken);
        await service.Get<IGivenUpFlowRecorder>().TryRecordAsync(other, Guid.Empty, TestContext.Current.CancellationToken);

        (await service.EndedAsync()).ShouldHaveSingleItem().ShouldStartWith("OrderCreationFlow failure first");
        (await service.Database.ScalarAsync<Guid>("SELECT event_id FROM given_up_flows")).ShouldBe(other.EventId);
    }

    [Fact]
    public async Task Flow_with_a_negative_latency_counts_as_clock_skew_and_is_not_measured()
    {
        await using var service = await StartAsync();
        var context = Begun();
        _time.AdjustTime(_time.GetUtcNow() - TimeSpan.FromMilliseconds(3));

        await HandleAsync(service, context);

        (await service.EndedAsync()).ShouldBeEmpty();
        service.Probe.Of("event_processing.clock_skew").Count.ShouldBe(1);
        (await service.CausedAsync()).ShouldHaveSingleItem().ShouldBeOfType<NotificationSent>().EndToEndMicros.ShouldBe(-3_000);
    }

    [Fact]
    public async Task Flow_with_an_origin_in_1970_counts_as_clock_skew_and_is_not_measured()
    {
        await using var service = await StartAsync();

        await HandleAsync(service, Begun() with { OriginTimestampMicros = 1, Stages = null });

        (await service.EndedAsync()).ShouldBeEmpty();
        service.Probe.Of("event_flow.stage.duration").ShouldBeEmpty();
        service.Probe.Of("event_processing.clock_skew").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Simulated_failure_happens_before_the_customer_is_notified()
    {
        await using var service = await StartAsync(("Simulation:FailureRate", "1"));

        (await HandleAsync(service, Begun())).Exception.ShouldBeOfType<SimulatedFailureException>();

        _channel.Told.ShouldBeEmpty();
        (await service.Database.CountAsync("notifications")).ShouldBe(0);
    }

    private static async Task<DeliveryOutcome> HandleAsync(ServiceOnDatabase service, EventContext context) =>
        (await service.HandleAsync<OrderProcessed, PreparedNotification, OrderProcessedHandler>((context, Order))).ShouldHaveSingleItem();

    private EventContext Begun() => EventContext.StartFlow(FlowNames.OrderCreation, _time);

    private Task<ServiceOnDatabase> StartAsync(params (string Key, string Value)[] settings) => ServiceOnDatabase.StartAsync(
        postgres,
        DatabaseNames.Notifications,
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.AddStorage();
            builder.AddSimulation();
            builder.AddNotifyCustomer();
            builder.Services.AddSingleton<ICustomerChannel>(_channel);
        },
        settings);
}
