using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging.Operations;

public sealed class ReplayTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_are_listed_by_their_cause_and_stay_in_their_order()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 6);

        var listing = await scene.Library.ListAsync(scene.Service, Cancellation);
        var again = await scene.Library.ListAsync(scene.Service, Cancellation);

        listing.ShouldBeEquivalentTo(again);
        (listing.Total, listing.NotSeen, listing.Aggregates, listing.Groups.Count).ShouldBe((6, 0L, 3, 2));
        listing.Groups.Sum(group => group.Count).ShouldBe(6);
        var odd = listing.Groups.Single(group => group.Key.ExceptionType == "System.TimeoutException");
        odd.Key.ShouldBe(
            new DeadLetterGroupKey(
                typeof(ScriptedHandler<OrderCreated>).Name,
                DeadLetterReasons.HandlerFailed,
                "System.TimeoutException",
                odd.Key.StackHash));
        (odd.Count, odd.Aggregates, odd.ExampleMessage, odd.ExampleMessageId).ShouldBe((3, 3, "odd", scene.Ids[1].ToString()));
        odd.EventTypes.ShouldBe([scene.Bus.Created]);
        odd.Oldest.ShouldNotBeNull().ShouldBeLessThan(odd.Newest!.Value);
        (await scene.LeftAsync(6)).ShouldBe(scene.Ids);
    }

    [Fact]
    public async Task One_dead_letter_is_read_as_a_whole_and_stays_in_its_place()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 3);
        await scene.Raw.SendAsync($"{scene.Service}.dead-letters", new BasicProperties { Type = "none of ours" }, "odd"u8.ToArray());
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 4);
        var listed = new List<DeadLetter>();
        await scene.Library.ListAsync(scene.Service, Cancellation, () => (letter, _) => listed.Add(letter));

        var found = (await scene.Library.FindAsync(scene.Service, scene.Ids[1].ToString(), Cancellation)).ShouldNotBeNull();
        // What has no event id is found by the name that the list gives it.
        var foreign = (await scene.Library.FindAsync(scene.Service, listed[3].Id, Cancellation)).ShouldNotBeNull();

        (found.Letter.AggregateId, found.Letter.ExceptionMessage, found.Letter.Attempts, found.Source).ShouldBe(
            ("0", "odd", 1L, scene.Bus.NameOf("publisher")));
        OrderCreated.Parser.ParseFrom(found.Body.Span).OrderId.ShouldBe("1");
        found.Headers.Keys.ShouldContain(HeaderNames.DeadLetterStackHash);
        (foreign.Letter.MessageId, foreign.Letter.EventType).ShouldBe((null, "none of ours"));
        foreign.Body.ToArray().ShouldBe("odd"u8.ToArray());
        (await scene.Library.FindAsync(scene.Service, Guid.NewGuid().ToString(), Cancellation)).ShouldBeNull();
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 4);
    }

    [Fact]
    public async Task One_event_is_replayed_with_its_identity_and_handled_as_a_replay()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 3);
        scene.Repair();

        var result = await scene.Library.ReplayAsync(
            scene.Service, new ReplayRequest(new ReplaySelection.Message(scene.Ids[1])), null, Cancellation);

        (result.Replayed, result.Examined, result.Total, result.DryRun, result.Interrupted).ShouldBe((1, 3, 3L, false, false));
        await scene.Script.SeesAsync(4);
        var context = scene.Script.Seen.Last().Context;
        (context.EventId, context.Attempt, context.Replayed).ShouldBe((scene.Ids[1], 1, true));
        var first = scene.Script.Seen.Single(seen => seen.Context.EventId == scene.Ids[1] && !seen.Context.Replayed).Context;
        context.ShouldBe(first with { Replayed = true });
        (await scene.LeftAsync(2)).ShouldBe([scene.Ids[0], scene.Ids[2]]);
    }

    [Fact]
    public async Task A_replayed_message_has_no_reason_any_more_but_a_history()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 1);
        await scene.Handler.Host.StopAsync(Cancellation);

        var result = await scene.Library.ReplayAsync(scene.Service, new ReplayRequest(new ReplaySelection.All()), null, Cancellation);

        var back = (await scene.Raw.GetAsync(scene.Service)).BasicProperties;
        back.MessageId.ShouldBe(scene.Ids[0].ToString());
        back.Value(HeaderNames.Attempt).ShouldBe(1);
        back.Value(HeaderNames.Replayed).ShouldBe(true);
        back.Text(HeaderNames.ReplayRun).ShouldBe(result.RunId.ToString());
        back.Text(HeaderNames.ReplayHistory).ShouldNotBeNull().ShouldMatch(
            @"^\S+Z handler_failed ScriptedHandler`1 System\.InvalidOperationException attempts=1$");
        back.Headers!.Keys.ShouldNotContain(name => name.StartsWith("dead-letter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_group_is_replayed_and_the_others_stay_in_place()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 6);
        var group = (await scene.Library.ListAsync(scene.Service, Cancellation)).Groups.Single(
            group => group.Key.ExceptionType == "System.TimeoutException");
        scene.Repair();

        var result = await scene.Library.ReplayAsync(
            scene.Service, new ReplayRequest(new ReplaySelection.Group(group.Id)), null, Cancellation);

        result.Replayed.ShouldBe(3);
        await scene.Script.SeesAsync(9);
        (await scene.LeftAsync(3)).ShouldBe([scene.Ids[0], scene.Ids[2], scene.Ids[4]]);
    }

    [Fact]
    public async Task A_dry_run_only_counts_and_a_limit_takes_the_oldest()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 5);
        scene.Repair();
        var two = new ReplayRequest(new ReplaySelection.All()) { Limit = 2 };

        var dry = await scene.Library.ReplayAsync(scene.Service, two with { DryRun = true }, null, Cancellation);
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 5);
        var real = await scene.Library.ReplayAsync(scene.Service, two, null, Cancellation);

        (dry.Replayed, dry.DryRun).ShouldBe((2, true));
        real.Replayed.ShouldBe(2);
        await scene.Script.SeesAsync(7);
        (await scene.LeftAsync(3)).ShouldBe(scene.Ids[2..]);
    }

    [Fact]
    public async Task A_rate_is_kept()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 6);
        scene.Repair();
        var since = Stopwatch.GetTimestamp();

        await scene.Library.ReplayAsync(scene.Service, new ReplayRequest(new ReplaySelection.All()) { Rate = 10 }, null, Cancellation);

        Stopwatch.GetElapsedTime(since).TotalSeconds.ShouldBeInRange(0.49, 10);
        await scene.Script.SeesAsync(12);
    }

    [Fact]
    public async Task What_fails_again_is_a_dead_letter_again_and_not_replayed_twice_by_one_run()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 3);

        var result = await scene.Library.ReplayAsync(
            scene.Service, new ReplayRequest(new ReplaySelection.All()) { Rate = 10 }, null, Cancellation);

        result.Replayed.ShouldBe(3);
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 3);
        scene.Script.Seen.Count.ShouldBe(6);
        (await scene.Library.ReplayAsync(scene.Service, new ReplayRequest(new ReplaySelection.All()), null, Cancellation)).Replayed
            .ShouldBe(3);
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 3);
        var dead = (await scene.Raw.GetAsync($"{scene.Service}.dead-letters")).BasicProperties;
        dead.Text(HeaderNames.ReplayHistory)!.Split('\n').Length.ShouldBe(2);
    }

    [Fact]
    public async Task Two_replays_at_once_send_every_dead_letter_back_once()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 60);
        scene.Repair();
        var all = new ReplayRequest(new ReplaySelection.All());

        var results = await Task.WhenAll(
            scene.Library.ReplayAsync(scene.Service, all, null, Cancellation),
            scene.Library.ReplayAsync(scene.Service, all, null, Cancellation));
        // One may have looked while the other held the rest; whoever comes later finds what is left.
        var rest = await scene.Library.ReplayAsync(scene.Service, all, null, Cancellation);

        (results.Sum(result => result.Replayed) + rest.Replayed).ShouldBe(60);
        await scene.Script.SeesAsync(120);
        scene.Script.Seen.Where(seen => seen.Context.Replayed).Select(seen => seen.Context.EventId).ShouldBe(scene.Ids, ignoreOrder: true);
        (await scene.LeftAsync(0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_lost_when_a_replay_loses_its_connection_midway()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 60);
        scene.Repair();
        // The broker may list a connection some seconds late, so the replay waits in the middle until it is closed.
        using var midway = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var progress = new Told(value =>
        {
            if (value.Replayed == 5)
            {
                midway.Release();
                goOn.Wait(Cancellation);
            }
        });

        var replaying = scene.Library.ReplayAsync(scene.Service, new ReplayRequest(new ReplaySelection.All()), progress, Cancellation);
        await midway.WaitAsync(Cancellation);
        await scene.Bus.Node.Management.CloseConnectionAsync("dead-letters");
        goOn.Release();

        (await Should.ThrowAsync<ReplayException>(replaying)).Message.ShouldContain("still a dead letter");
        await Wait.UntilAsync("every event is handled or still there", async () =>
            scene.Script.Seen.Count(seen => seen.Context.Replayed) + await scene.Raw.CountAsync($"{scene.Service}.dead-letters") >= 60);
        var left = await scene.LeftAsync((int)await scene.Raw.CountAsync($"{scene.Service}.dead-letters"));
        var back = scene.Script.Seen.Where(seen => seen.Context.Replayed).Select(seen => seen.Context.EventId).ToList();
        left.Union(back).ShouldBe(scene.Ids, ignoreOrder: true);
        left.ShouldBe(scene.Ids[^left.Count..], "those not sent are in their order");
    }

    [Fact]
    public async Task An_interrupted_replay_says_how_far_it_came()
    {
        await using var scene = await Scene.WithDeadLettersAsync(broker, 10);
        scene.Repair();
        using var stop = new CancellationTokenSource();
        var progress = new Told(value =>
        {
            if (value.Replayed == 3)
            {
                stop.Cancel();
            }
        });

        var result = await scene.Library.ReplayAsync(scene.Service, new ReplayRequest(new ReplaySelection.All()), progress, stop.Token);

        (result.Replayed, result.Interrupted).ShouldBe((3, true));
        (await scene.LeftAsync(7)).ShouldBe(scene.Ids[3..]);
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        var node = await broker.NodeAsync();
        var replay = new DeadLetterReplay(Connections(node), TimeProvider.System);
        (await Should.ThrowAsync<ReplayException>(replay.ListAsync("nobody", Cancellation)))
            .Message.ShouldStartWith("The broker has no queue 'nobody.dead-letters'.");
        var nowhere = new ConnectionFactory { Uri = new Uri("amqp://u:p@127.0.0.1:1") };
        (await Should.ThrowAsync<ReplayException>(new DeadLetterReplay(nowhere, TimeProvider.System).ListAsync("nobody", Cancellation)))
            .Message.ShouldStartWith("The broker cannot be reached:");
    }

    private static ConnectionFactory Connections(RabbitNode node) =>
        new() { Uri = new Uri(node.ConnectionString), AutomaticRecoveryEnabled = false };

    private sealed class Told(Action<ReplayProgress> tell) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => tell(value);
    }

    /// <summary>A service whose handler failed on some events: on every second with another exception.</summary>
    internal sealed class Scene : IAsyncDisposable
    {
        private volatile Func<int, Exception?> _fails = number =>
            number % 2 == 1 ? new TimeoutException("odd") : new InvalidOperationException("even");

        public required TestBus Bus { get; init; }

        public TestService Handler { get; private set; } = null!;

        public RawClient Raw { get; private set; } = null!;

        public HandlerScript<OrderCreated> Script { get; private set; } = null!;

        public List<Guid> Ids { get; } = [];

        public string Service => Handler.Name;

        public DeadLetterReplay Library => new(Connections(Bus.Node), TimeProvider.System);

        public static async Task<Scene> WithDeadLettersAsync(
            BrokerFixture broker, int count, string retryTiers = "", Func<int, Exception?>? fails = null)
        {
            var scene = new Scene { Bus = await TestBus.OnAsync(broker) };
            scene._fails = fails ?? scene._fails;
            scene.Script = new HandlerScript<OrderCreated>(
                (_, order, _) => scene._fails(int.Parse(order.OrderId)) is { } failure ? throw failure : Task.CompletedTask);
            scene.Handler = await scene.Bus.StartHandlerAsync(scene.Script, settings =>
            {
                settings["Messaging:Retries"] = "0";
                settings["Messaging:Concurrency"] = "1";
                settings["Messaging:BrakeAtFailureRate"] = "2";
                settings["Messaging:RetryTiers"] = retryTiers;
            });
            scene.Raw = await scene.Bus.ConnectRawAsync();
            var publisher = await scene.Bus.StartPublisherAsync();
            for (var n = 0; n < count; n++)
            {
                var context = Flow.Start();
                scene.Ids.Add(context.EventId);
                await publisher.PublishAsync(
                    new OrderCreated { OrderId = $"{n}" }, context with { AggregateId = $"{n / 2}" }, Cancellation);
            }

            await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", (uint)count);
            return scene;
        }

        public void Repair(Func<int, Exception?>? stillFails = null) => _fails = stillFails ?? (_ => null);

        /// <summary>Takes what is left in the dead-letter queue, in its order.</summary>
        public async Task<List<Guid>> LeftAsync(int count)
        {
            // What a scan held comes back a moment after it.
            await Raw.CountIsAsync($"{Service}.dead-letters", (uint)count);
            var left = new List<Guid>();
            while (await Raw.Channel.BasicGetAsync($"{Service}.dead-letters", autoAck: true, Cancellation) is { } letter)
            {
                left.Add(Guid.Parse(letter.BasicProperties.MessageId!));
            }

            return left;
        }

        public ValueTask DisposeAsync() => Bus.DisposeAsync();
    }
}
