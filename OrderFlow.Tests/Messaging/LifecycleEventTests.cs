using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Messaging.Operations;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class LifecycleEventTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_listens_hears_of_every_retry_dead_letter_replay_and_its_end()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var repaired = false;
        var handler = await bus.StartHandlerAsync(
            new HandlerScript<OrderCreated>((_, _, _) =>
                Volatile.Read(ref repaired) ? Task.CompletedTask : throw new InvalidOperationException("out of stock")),
            Once("150ms,300ms"));
        var (raw, ears) = await ListenAsync(bus, handler.Name);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start() with { AggregateId = "o-1" };

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await raw.CountIsAsync(ears, 3);
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        Volatile.Write(ref repaired, true);
        var desk = new DeadLetterReplay(new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString) }, TimeProvider.System);
        var replay = await desk.ReplayAsync(
            handler.Name, new ReplayRequest(new ReplaySelection.All()) { RunId = Guid.CreateVersion7() }, null, Cancellation);
        await raw.CountIsAsync(ears, 5);

        var notices = await TakeAsync(raw, ears, 5);
        notices.ShouldAllBe(one =>
            one.BasicProperties.MessageId == context.EventId.ToString()
                && one.BasicProperties.CorrelationId == context.CorrelationId
                && one.Body.Length == 0);
        notices.Take(3).Select(one => one.RoutingKey).ShouldBe(
            [$"{handler.Name}.retry-queued", $"{handler.Name}.retry-queued", $"{handler.Name}.dead-lettered"]);
        // The service may say that it is done before the replay says that it was sent.
        notices.Skip(3).Select(one => one.RoutingKey).ShouldBe([$"{handler.Name}.replayed", $"{handler.Name}.handled"], ignoreOrder: true);
        notices.ShouldAllBe(one =>
            one.BasicProperties.Text(HeaderNames.NoticeService) == handler.Name
                && one.RoutingKey.EndsWith(one.BasicProperties.Text(HeaderNames.Notice)!));
        notices[1].BasicProperties.Value(HeaderNames.RetryTier).ShouldBe(1);
        notices[2].BasicProperties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe("out of stock");
        notices.Skip(3).ShouldAllBe(one => one.BasicProperties.Text(HeaderNames.ReplayRun) == replay.RunId.ToString());
        // In order of their own times, whatever order they came in.
        var told = notices.OrderBy(one => (long)one.BasicProperties.Value(HeaderNames.NoticeAt)!).Select(
            one => one.BasicProperties.Text(HeaderNames.Notice));
        told.ShouldBe(
            [
                LifecycleEventNames.RetryQueued, LifecycleEventNames.RetryQueued, LifecycleEventNames.DeadLettered,
                LifecycleEventNames.Replayed, LifecycleEventNames.Handled,
            ]);
    }

    [Fact]
    public async Task A_discard_is_told_with_who_and_why()
    {
        using var directory = new TemporaryDirectory();
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 1);
        var (raw, ears) = await ListenAsync(scene.Bus, scene.Service);

        var discard = new DeadLetterDiscard(
            new ConnectionFactory { Uri = new Uri(scene.Bus.Node.ConnectionString) }, TimeProvider.System);
        var request = new DiscardRequest(new ReplaySelection.All(), "no such customer", "alice");
        var result = await discard.DiscardAsync(scene.Service, request, directory.In("discarded.jsonl"), null, Cancellation);

        var notice = (await raw.GetAsync(ears)).BasicProperties;
        (notice.MessageId, notice.Text(HeaderNames.Notice)).ShouldBe((scene.Ids[0].ToString(), LifecycleEventNames.Discarded));
        (notice.Text(HeaderNames.NoticeBy), notice.Text(HeaderNames.NoticeReason), notice.Text(HeaderNames.NoticeRun)).ShouldBe(
            ("alice", "no such customer", result.RunId.ToString()));
    }

    [Fact]
    public async Task A_retry_that_waits_in_its_place_is_told_of_too()
    {
        await using var scene = await OrderedScene.OnAsync(broker, partitions: 1);
        await scene.StartReplicaAsync(tiers: "100ms");
        scene.Work = (_, _, _, context) => context.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        var (raw, ears) = await ListenAsync(scene.Bus, scene.Service);

        var sent = await OrderedScene.PublishAsync(await scene.Bus.StartPublisherAsync(), ("a", 0));
        await scene.DoneAsync(1);

        var notice = await raw.GetAsync(ears);
        (notice.RoutingKey, notice.BasicProperties.MessageId).ShouldBe(($"{scene.Service}.retry-queued", sent[0].Id.ToString()));
    }

    [Fact]
    public async Task A_dead_letter_whose_queue_is_gone_is_kept_although_somebody_listens()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var mayFail = new TaskCompletionSource();
        var handler = await bus.StartHandlerAsync(
            new HandlerScript<OrderCreated>(async (_, _, _) =>
            {
                await mayFail.Task;
                throw new InvalidOperationException("out of stock");
            }),
            Once(""));
        var (raw, ears) = await ListenAsync(bus, handler.Name);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await raw.Channel.QueueDeleteAsync(
            $"{handler.Name}.dead-letters", ifUnused: false, ifEmpty: false, cancellationToken: Cancellation);
        mayFail.SetResult();

        (await raw.GetAsync(ears)).RoutingKey.ShouldBe($"{handler.Name}.dead-lettered");
        (await raw.GetAsync($"{handler.Name}.dead-letters")).BasicProperties.MessageId.ShouldBe(context.EventId.ToString());
    }

    /// <summary>Without retries in the process.</summary>
    private static Action<Dictionary<string, string?>> Once(string tiers) => settings =>
    {
        settings["Messaging:Retries"] = "0";
        settings["Messaging:RetryTiers"] = tiers;
    };

    private static async Task<(RawClient Raw, string Queue)> ListenAsync(TestBus bus, string service)
    {
        var raw = await bus.ConnectRawAsync();
        var queue = (await raw.Channel.QueueDeclareAsync(
            $"ears-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancellation)).QueueName;
        await raw.Channel.QueueBindAsync(queue, LifecycleEventNames.Exchange, $"{service}.#", cancellationToken: Cancellation);
        return (raw, queue);
    }

    private static async Task<List<BasicGetResult>> TakeAsync(RawClient raw, string queue, int count)
    {
        var taken = new List<BasicGetResult>();
        while (taken.Count < count)
        {
            taken.Add(await raw.GetAsync(queue));
        }

        return taken;
    }
}
