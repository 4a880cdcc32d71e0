using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class UnconfirmedWindowTests : IDisposable
{
    private readonly UnconfirmedWindow _window = new(4, mostPacked: 64);

    public void Dispose() => _window.Dispose();

    [Fact]
    public void A_confirm_of_many_settles_all_up_to_it()
    {
        var all = Written(3);

        _window.Confirm(2, multiple: true, acknowledged: true);

        all.Select(pending => pending.Task.IsCompletedSuccessfully).ShouldBe([true, true, false]);
    }

    [Fact]
    public void Confirms_may_come_in_any_order_and_room_is_free_again_from_the_oldest_on()
    {
        var all = Written(4);
        _window.TryTakeRoom().ShouldBeFalse();

        _window.Confirm(2, multiple: false, acknowledged: true);
        _window.TryTakeRoom().ShouldBeFalse();
        _window.Confirm(1, multiple: false, acknowledged: false);

        Reason(all[0]).ShouldBe(PublishFailure.Nacked);
        all[1].Task.IsCompletedSuccessfully.ShouldBeTrue();
        _window.TryTakeRoom().ShouldBeTrue();
        _window.TryTakeRoom().ShouldBeTrue();
        _window.TryTakeRoom().ShouldBeFalse();
    }

    [Fact]
    public void A_returned_message_fails_when_its_confirm_comes()
    {
        var all = Written(2);

        _window.Return(all[1].Properties.MessageId, "key", "NO_ROUTE");
        all[1].Task.IsCompleted.ShouldBeFalse();
        _window.Confirm(2, multiple: true, acknowledged: true);

        all[0].Task.IsCompletedSuccessfully.ShouldBeTrue();
        Reason(all[1]).ShouldBe(PublishFailure.Unroutable);
    }

    [Fact]
    public void A_message_taken_back_uses_no_number()
    {
        var all = Added(3);
        _window.TryTakeNext(out _).ShouldBeTrue();
        _window.TryTakeNext(out var refused).ShouldBeTrue();
        refused.ShouldBe(all[1]);

        _window.TakeBack();
        _window.TryTakeNext(out var next).ShouldBeTrue();
        next.ShouldBe(all[2]);
        _window.Confirm(2, multiple: false, acknowledged: true);

        all.Select(pending => pending.Task.IsCompletedSuccessfully).ShouldBe([false, false, true]);
    }

    [Fact]
    public void Closing_fails_what_is_written_and_what_is_not()
    {
        var all = Added(2);
        _window.TryTakeNext(out _).ShouldBeTrue();

        _window.Close("gone", cause: null);

        all.Select(Reason).ShouldBe([PublishFailure.Disconnected, PublishFailure.Disconnected]);
        _window.TryAdd(New(9)).ShouldBeFalse();
        _window.WhenEmptyAsync().IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void What_waits_too_long_times_out_and_keeps_its_place_until_the_broker_answers()
    {
        var all = Written(4);
        all[2].HandedOverAt = all[3].HandedOverAt = 100;

        _window.FailOlderThan(50, "too late");

        all.Select(pending => pending.Task.IsCompleted).ShouldBe([true, true, false, false]);
        Reason(all[0]).ShouldBe(PublishFailure.TimedOut);
        _window.TryTakeRoom().ShouldBeFalse();
        _window.Confirm(4, multiple: true, acknowledged: true);
        Reason(all[0]).ShouldBe(PublishFailure.TimedOut);
        all[3].Task.IsCompletedSuccessfully.ShouldBeTrue();
        _window.TryTakeRoom().ShouldBeTrue();
    }

    [Fact]
    public void The_ring_goes_round_many_times()
    {
        for (var sequence = 1ul; sequence <= 1000; sequence++)
        {
            _window.TryTakeRoom().ShouldBeTrue();
            var pending = New(sequence);
            _window.TryAdd(pending).ShouldBeTrue();
            _window.TryTakeNext(out _).ShouldBeTrue();
            _window.Confirm(sequence, multiple: false, acknowledged: true);
            pending.Task.IsCompletedSuccessfully.ShouldBeTrue();
        }
    }

    [Fact]
    public void Events_that_come_while_many_are_under_way_wait_for_a_confirm_and_go_together()
    {
        using var window = Crowded();
        var events = Hand(window, 5, at: 100);
        window.TryTakeNext(out _).ShouldBeFalse();

        window.Confirm(1, multiple: false, acknowledged: true);
        window.TryTakeNext(out var pack).ShouldBeTrue();
        window.TryTakeNext(out _).ShouldBeFalse();

        PackedMessages.Unpack(pack.Body).Select(one => one.Properties.MessageId)
            .ShouldBe(events.Select(one => one.Properties.MessageId));
        events.ShouldAllBe(one => !one.Task.IsCompleted);
        window.Confirm(17, multiple: false, acknowledged: true);
        events.ShouldAllBe(one => one.Task.IsCompletedSuccessfully);
        window.Confirm(16, multiple: true, acknowledged: true);
        window.WhenEmptyAsync().IsCompleted.ShouldBeTrue();
        Enumerable.Range(0, 64).ShouldAllBe(_ => window.TryTakeRoom());
        window.TryTakeRoom().ShouldBeFalse();
    }

    [Fact]
    public async Task Writer_that_waits_for_a_confirm_is_woken_by_it()
    {
        using var window = Crowded();
        Hand(window, 1, at: 100);
        var next = window.WaitForNextAsync();
        next.IsCompleted.ShouldBeFalse();

        window.Confirm(3, multiple: false, acknowledged: true);

        await next.WaitAsync(Wait.Long, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Only_neighbours_that_go_the_same_way_go_together_and_what_may_not_goes_at_once()
    {
        using var window = Crowded();
        var first = Hand(window, 2, at: 100);
        var other = Hand(window, 1, at: 200, key: "other");
        Hand(window, 1, at: 300);

        window.Confirm(3, multiple: true, acknowledged: true);

        List<string?> keys = [];
        while (window.TryTakeNext(out var next))
        {
            keys.Add($"{next.RoutingKey.Value} {Math.Max(1, next.Packed.Count)}");
        }

        keys.ShouldBe(["key 2", "other 1", "key 1"]);
        window.TryTakeRoom().ShouldBeTrue();
        window.TryAdd(New(400)).ShouldBeTrue();
        window.TryTakeNext(out _).ShouldBeTrue();
        first.Concat(other).ShouldAllBe(one => !one.Task.IsCompleted);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 2)]
    public void No_more_go_together_than_may(int mostPacked, int under)
    {
        using var window = Crowded(mostPacked);
        Hand(window, 4, at: 100);
        window.Confirm(16, multiple: true, acknowledged: true);

        window.TryTakeNext(out var next).ShouldBeTrue();

        next.Packed.Count.ShouldBe(mostPacked == 1 ? 0 : under);
    }

    [Fact]
    public void Each_that_went_with_others_fails_by_its_own_name()
    {
        using var window = Crowded();
        var refused = Hand(window, 2, at: 100);
        window.Confirm(1, multiple: false, acknowledged: true);
        window.TryTakeNext(out _).ShouldBeTrue();
        var returned = Hand(window, 2, at: 200);
        window.Confirm(2, multiple: false, acknowledged: true);
        window.TryTakeNext(out _).ShouldBeTrue();
        window.Return("200", "key", "NO_ROUTE");
        window.Confirm(17, multiple: false, acknowledged: false);
        window.Confirm(18, multiple: false, acknowledged: true);

        refused.Select(Reason).ShouldBe([PublishFailure.Nacked, PublishFailure.Nacked]);
        returned.Select(Reason).ShouldBe([PublishFailure.Unroutable, PublishFailure.Unroutable]);
        refused[1].Task.Exception!.InnerException!.Message.ShouldContain(" 101 ");
        returned[1].Task.Exception!.InnerException!.Message.ShouldContain(" 201 ");
    }

    [Fact]
    public void One_that_was_given_up_while_it_waited_does_not_go_with_others()
    {
        using var window = Crowded();
        var late = Hand(window, 1, at: 100);
        var events = Hand(window, 2, at: 200);
        events.ForEach(one => one.HandedOverAt = 200);
        window.FailOlderThan(150, "too late");
        Reason(late[0]).ShouldBe(PublishFailure.TimedOut);

        window.Confirm(16, multiple: true, acknowledged: true);
        window.TryTakeNext(out var alone).ShouldBeTrue();
        alone.ShouldBe(late[0]);
        window.TakeBack();
        window.TryTakeNext(out var pack).ShouldBeTrue();

        pack.Packed.ShouldBe(events);
    }

    [Fact]
    public void Closing_tells_those_that_wait_that_they_were_not_sent_and_those_in_a_message_that_they_may_have_been()
    {
        using var window = Crowded();
        var written = Hand(window, 2, at: 100);
        window.Confirm(1, multiple: false, acknowledged: true);
        window.TryTakeNext(out _).ShouldBeTrue();
        var waiting = Hand(window, 2, at: 200);

        window.Close("gone", cause: null);

        written.Concat(waiting).Select(one => ((PublishException)one.Task.Exception!.InnerException!).MayHaveArrived)
            .ShouldBe([true, true, false, false]);
    }

    /// <summary>One with as many messages under way as make others wait.</summary>
    private static UnconfirmedWindow Crowded(int mostPacked = 64)
    {
        var window = new UnconfirmedWindow(64, mostPacked);
        Hand(window, UnconfirmedWindow.Crowd, at: 1);
        while (window.TryTakeNext(out _))
        {
        }

        return window;
    }

    private static List<PendingPublish> Hand(UnconfirmedWindow window, int count, int at, string key = "key")
    {
        List<PendingPublish> all = [.. Enumerable.Range(at, count).Select(n => New((ulong)n, key))];
        foreach (var pending in all)
        {
            pending.MayBePacked = true;
            window.TryTakeRoom().ShouldBeTrue();
            window.TryAdd(pending).ShouldBeTrue();
        }

        return all;
    }

    private static PublishFailure Reason(PendingPublish pending) =>
        pending.Task.Exception!.InnerException.ShouldBeOfType<PublishException>().Reason;

    private List<PendingPublish> Added(int count)
    {
        List<PendingPublish> all = [.. Enumerable.Range(1, count).Select(n => New((ulong)n))];
        foreach (var pending in all)
        {
            _window.TryTakeRoom().ShouldBeTrue();
            _window.TryAdd(pending).ShouldBeTrue();
        }

        return all;
    }

    private List<PendingPublish> Written(int count)
    {
        var all = Added(count);
        while (_window.TryTakeNext(out _))
        {
        }

        return all;
    }

    private static PendingPublish New(ulong id, string key = "key") =>
        new(
            new CachedString("exchange"),
            new CachedString(key),
            requireSubscriber: true,
            new BasicProperties { MessageId = $"{id}" },
            new byte[16],
            16);
}
