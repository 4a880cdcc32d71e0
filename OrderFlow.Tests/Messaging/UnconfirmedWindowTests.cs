using OrderFlow.Messaging.Publishing;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class UnconfirmedWindowTests : IDisposable
{
    private readonly UnconfirmedWindow _window = new(4);

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

    private static PendingPublish New(ulong id) =>
        new(
            new CachedString("exchange"),
            new CachedString("key"),
            requireSubscriber: true,
            new BasicProperties { MessageId = $"{id}" },
            new byte[16],
            16);
}
