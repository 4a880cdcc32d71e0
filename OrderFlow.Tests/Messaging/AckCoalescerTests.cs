using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Consuming;

namespace OrderFlow.Tests.Messaging;

public sealed class AckCoalescerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Deliveries_finished_in_order_are_acknowledged_by_one()
    {
        var acks = With(4);
        Finish(acks, 1, 2, 3);

        Take(acks).ShouldBe("up to 3");
        Take(acks).ShouldBe("up to 0");
    }

    [Fact]
    public void Nothing_is_acknowledged_past_an_unfinished_delivery()
    {
        var acks = With(5);
        Finish(acks, 1, 3, 5);

        Take(acks).ShouldBe("up to 1");
        Finish(acks, 2);
        Take(acks).ShouldBe("up to 3");
        Finish(acks, 4);
        Take(acks).ShouldBe("up to 5");
        acks.IsDry.ShouldBeTrue();
    }

    [Fact]
    public void What_is_stuck_behind_an_unfinished_delivery_for_long_is_acknowledged_singly()
    {
        var acks = With(4);
        Finish(acks, 2, 4);

        Take(acks).ShouldBe("up to 0");
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Take(acks).ShouldBe("up to 0, 2, 4");
        acks.HasFinished.ShouldBeFalse();
        Finish(acks, 1, 3);
        Take(acks).ShouldBe("up to 3");
    }

    [Fact]
    public void Many_stuck_deliveries_are_acknowledged_at_once()
    {
        var acks = With(40, prefetch: 40);
        Finish(acks, [.. Enumerable.Range(2, 9).Select(n => (ulong)n)]);
        Take(acks).ShouldBe("up to 0");

        Finish(acks, 11);

        Take(acks).ShouldBe("up to 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11");
    }

    [Fact]
    public void What_was_settled_otherwise_is_never_acknowledged()
    {
        var acks = With(3);
        acks.Forget(2);
        Finish(acks, 1, 3);

        Take(acks).ShouldBe("up to 3");
        Should.Throw<InvalidOperationException>(() => acks.Finish(2)).Message.ShouldStartWith("Delivery 2 is not outstanding");
    }

    [Fact]
    public void In_whatever_order_deliveries_finish_each_is_acknowledged_once_and_none_too_early()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var acks = new AckCoalescer(64, _time);
        var (received, unfinished, acknowledged) = (0ul, new List<ulong>(), new HashSet<ulong>());
        var outstanding = new HashSet<ulong>();

        for (var step = 0; step < 20_000; step++)
        {
            switch (random.Next(4))
            {
                case 0 when outstanding.Count < 64:
                    acks.Add(++received);
                    unfinished.Add(received);
                    outstanding.Add(received);
                    break;
                case 1 or 2 when unfinished.Count > 0:
                    var index = random.Next(unfinished.Count);
                    acks.Finish(unfinished[index]);
                    unfinished.RemoveAt(index);
                    break;
                default:
                    _time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
                    Acknowledge();
                    break;
            }
        }

        unfinished.ForEach(acks.Finish);
        unfinished.Clear();
        Acknowledge();
        acknowledged.Count.ShouldBe((int)received);
        acks.IsDry.ShouldBeTrue();

        void Acknowledge()
        {
            var singles = new List<ulong>();
            acks.Take(out var upTo, singles);
            // As the broker reads it: "up to" means every unacknowledged delivery that is not younger.
            foreach (var tag in outstanding.Where(tag => tag <= upTo).Concat(singles).ToList())
            {
                unfinished.ShouldNotContain(tag);
                acknowledged.Add(tag).ShouldBeTrue();
                outstanding.Remove(tag).ShouldBeTrue();
            }
        }
    }

    private AckCoalescer With(ulong deliveries, int prefetch = 256)
    {
        var acks = new AckCoalescer(prefetch, _time);
        for (var tag = 1ul; tag <= deliveries; tag++)
        {
            acks.Add(tag);
        }

        return acks;
    }

    private static void Finish(AckCoalescer acks, params ulong[] tags) => Array.ForEach(tags, acks.Finish);

    private static string Take(AckCoalescer acks)
    {
        var singles = new List<ulong>();
        acks.Take(out var upTo, singles);
        return string.Join(", ", singles.Select(tag => $"{tag}").Prepend($"up to {upTo}"));
    }
}
