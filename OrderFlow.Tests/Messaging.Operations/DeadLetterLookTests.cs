using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging.Operations;

/// <summary>Whoever looks at dead letters leaves them as they are, whatever the broker counts.</summary>
public sealed class DeadLetterLookTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_delivery_limit_takes_nothing_however_often_it_is_looked(int limit)
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 5);
        await scene.Bus.Node.Management.SetPolicyAsync($"{scene.Service}.dead-letters", "delivery-limit", limit);

        for (var look = 0; look < (3 * limit) + 3; look++)
        {
            (await scene.Library.ListAsync(scene.Service, Cancellation)).Total.ShouldBe(5);
        }

        (await scene.LeftAsync(5)).ShouldBe(scene.Ids, "in their order");
        (await scene.Raw.CountAsync($"{scene.Service}.parking-lot")).ShouldBe(0u);
    }

    [Fact]
    public async Task What_a_limit_takes_all_the_same_is_in_the_parking_lot()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 1);
        await scene.Bus.Node.Management.SetPolicyAsync($"{scene.Service}.dead-letters", "delivery-limit", 0);

        // As a program does that is killed while it looks.
        await Wait.UntilAsync("the broker takes it", async () =>
        {
            var letter = await scene.Raw.Channel.BasicGetAsync($"{scene.Service}.dead-letters", autoAck: false, Cancellation);
            await scene.Raw.Channel.BasicNackAsync(letter?.DeliveryTag ?? 0, multiple: false, requeue: true, Cancellation);
            return await scene.Raw.CountAsync($"{scene.Service}.parking-lot") == 1;
        });

        (await scene.Raw.GetAsync($"{scene.Service}.parking-lot")).BasicProperties.MessageId.ShouldBe(scene.Ids[0].ToString());
    }

    [Fact]
    public async Task A_replay_at_a_pace_holds_what_the_next_minute_needs_and_leaves_the_others_in_their_order()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 40);
        scene.Repair();
        var group = (await scene.Library.ListAsync(scene.Service, Cancellation)).Groups.Single(
            group => group.Key.ExceptionType == "System.TimeoutException");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        // Ten a minute.
        var request = new ReplayRequest(new ReplaySelection.Group(group.Id)) { Rate = 1 / 6.0 };

        var replaying = scene.Library.ReplayAsync(scene.Service, request, progress: null, stop.Token);
        await Wait.UntilAsync("the first of the group is sent back", () => scene.Script.Seen.Any(seen => seen.Context.Replayed));

        var ready = await scene.Raw.CountAsync($"{scene.Service}.dead-letters");
        ready.ShouldBeInRange(39u - 10, 38u);
        await stop.CancelAsync();
        var result = await replaying;
        (result.Replayed, result.Interrupted).ShouldBe((1, true));
        var left = await scene.LeftAsync(39);
        left.Order().ShouldBe(scene.Ids.Where(id => id != scene.Ids[1]).Order());
    }

    [Theory]
    [InlineData("delivery-limit", 1, false)]
    [InlineData("delivery-limit", 20, true)]
    [InlineData("message-ttl", 60_000, true)]
    [InlineData("expires", 3_600_000, true)]
    [InlineData("max-length", 10, true)]
    public async Task A_policy_that_takes_dead_letters_away_is_warned_of(string key, int value, bool mayLook)
    {
        await using var bus = await TestBus.OnAsync(broker);
        await bus.StartHandlerAsync(new HandlerScript<OrderFlow.Contracts.OrderCreated>());
        var service = bus.NameOf("handler");
        using var safety = new DeadLetterSafety(
            new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString) }, bus.Node.Management.Address, TimeProvider.System);
        (await safety.CheckAsync(service, Cancellation)).ShouldBe(new DeadLetterSafetyReport(0, null, MayLook: true));

        await bus.Node.Management.SetPolicyAsync($"{service}.dead-letters", key, value);

        DeadLetterSafetyReport report = null!;
        await Wait.UntilAsync(
            "the policy applies",
            async () =>
                (report = await safety.CheckAsync(service, Cancellation)).Warning is not null || key == "delivery-limit" && value == 20);
        report.MayLook.ShouldBe(mayLook);
        if (value != 20)
        {
            report.Warning.ShouldNotBeNull().ShouldStartWith(
                $"Policy '{service}.dead-letters' of {service}.dead-letters ({key}: {value}) ");
        }
    }

    [Fact]
    public async Task Those_that_somebody_holds_are_counted_as_dead_letters()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 4);
        await scene.Handler.Host.StopAsync(Cancellation);
        for (var held = 0; held < 3; held++)
        {
            (await scene.Raw.Channel.BasicGetAsync($"{scene.Service}.dead-letters", autoAck: false, Cancellation)).ShouldNotBeNull();
        }

        var service = await scene.Bus.StartHandlerAsync(scene.Script, settings =>
        {
            settings["Messaging:ManagementUrl"] = scene.Bus.Node.Management.Address.ToString();
            settings["Messaging:QueueSizePeriod"] = "00:00:00.200";
        });
        using var measured = new MetricRecorder(service);

        await Wait.UntilAsync(() => $"all four are counted: {string.Join(", ", Sizes())}", () => Sizes().Contains(4));

        IEnumerable<double> Sizes() =>
            measured.All.Where(one => one.Instrument == "events.dead_letter.queue.size").Select(one => one.Value);
    }
}
