using System.Collections.Concurrent;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

/// <summary>A handler that was asked to come back later.</summary>
public sealed class RetryAfterTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_not_called_before_then_neither_in_the_process_nor_from_a_tier_and_ends_as_a_dead_letter_after_its_last_retry()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var times = new ConcurrentQueue<long>();
        var script = new HandlerScript<OrderCreated>((_, _, _) =>
        {
            times.Enqueue(TimeProvider.System.GetTimestamp());
            throw new RetryAfterException("busy", TimeSpan.FromMilliseconds(1100));
        });
        var handler = await bus.StartHandlerAsync(script, Tiers("100ms,400ms"));
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        var dead = await (await bus.ConnectRawAsync()).GetAsync($"{handler.Name}.dead-letters");
        times.Zip(times.Skip(1), TimeProvider.System.GetElapsedTime).ShouldAllBe(gap => gap >= TimeSpan.FromMilliseconds(1090));
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2, 3]);
        script.Seen.Select(seen => seen.Context with { Attempt = 1 }).Distinct().Count().ShouldBe(1);
        dead.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.HandlerFailed);
        measured.Sum("events.retry.queued").ShouldBe(2, "the stays without asking are no retries");
    }

    [Fact]
    public async Task Attempts_that_use_up_no_retry_never_lead_to_the_dead_letters_and_wait_as_long_as_asked()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((context, _, _) => context.Event.Attempt < 8
            ? throw new RetryAfterException("not now", TimeSpan.FromMilliseconds(150)) { UsesUpRetry = false }
            : throw new InvalidOperationException("now it counts"));
        var handler = await bus.StartHandlerAsync(script, Tiers("100ms,200ms"));
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        var dead = await (await bus.ConnectRawAsync()).GetAsync($"{handler.Name}.dead-letters");
        // Seven that do not count, then the first with one in the process, and both tiers with one each.
        dead.BasicProperties.Value(HeaderNames.DeadLetterAttempts).ShouldBe(7 + 6);
        dead.BasicProperties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe("now it counts");
    }

    [Fact]
    public async Task A_wait_of_hours_is_in_the_longest_tier_with_the_rest_in_a_header_and_the_handler_is_not_called_meanwhile()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, _) => throw new RetryAfterException("closed", TimeSpan.FromHours(5)));
        var handler = await bus.StartHandlerAsync(script, Tiers("1s,1h"));
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);
        var raw = await bus.ConnectRawAsync();
        var waiting = (await raw.GetAsync($"{handler.Name}.retry.1h")).BasicProperties;

        var stayed = long.Parse(waiting.Expiration.ShouldNotBeNull(), System.Globalization.CultureInfo.InvariantCulture);
        var rest = waiting.Value(HeaderNames.RetryRest).ShouldBeOfType<long>();
        (stayed + rest).ShouldBeInRange(18_000_000, 18_000_001);
        // It comes back from its tier with a rest: on it goes.
        waiting.Value(HeaderNames.RetryTier).ShouldBe(0);
        var back = MessageCopy.Of(waiting);
        await raw.SendAsync(handler.Name, back, default);
        var again = (await raw.GetAsync($"{handler.Name}.retry.1h")).BasicProperties;
        again.Value(HeaderNames.RetryRest).ShouldBeOfType<long>().ShouldBeInRange(rest - 3_600_000, rest - 3_240_000);
        again.Value(HeaderNames.RetryQueuedAt).ShouldBe(waiting.Value(HeaderNames.RetryQueuedAt));
        script.Seen.Count.ShouldBe(1);
    }

    private static Action<Dictionary<string, string?>> Tiers(string tiers) => settings =>
    {
        settings["Messaging:Retries"] = "1";
        settings["Messaging:RetryDelay"] = "00:00:00.005";
        settings["Messaging:RetryTiers"] = tiers;
    };
}
