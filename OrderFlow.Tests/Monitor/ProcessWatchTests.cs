using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Monitor.Processes;

namespace OrderFlow.Tests.Monitor;

public sealed class ProcessWatchTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_process_that_tells_nothing_for_a_minute_is_silent_and_after_a_quarter_of_an_hour_forgotten()
    {
        using var watch = New();
        watch.Hear(Beat("order-service", "a"));
        watch.Hear(Beat("order-service", "b"));

        _time.Advance(TimeSpan.FromSeconds(59));
        watch.Hear(Beat("order-service", "a"));
        States(watch).ShouldBe(["live", "live"]);
        _time.Advance(TimeSpan.FromSeconds(2));
        States(watch).ShouldBe(["live", "silent"]);
        _time.Advance(TimeSpan.FromMinutes(14.5));
        States(watch).ShouldBe(["silent"]);
    }

    [Fact]
    public void What_waits_is_shown_while_it_is_told()
    {
        using var watch = New();
        watch.Hear(Beat("order-service", "a", new HandledEvents("order.created", 5, 150), new HandledEvents("payment.processed", 5, 900)));

        var one = watch.Look().Processes.ShouldHaveSingleItem();
        (one.WaitingFor, one.WaitMs).ShouldBe(("payment.processed", 900));
        _time.Advance(TimeSpan.FromSeconds(2));
        watch.Look().Processes.ShouldHaveSingleItem().WaitingFor.ShouldBeNull();
    }

    [Fact]
    public void Since_is_when_it_was_heard_first()
    {
        using var watch = New();
        var first = _time.GetUtcNow();
        watch.Hear(Beat("gateway", "a"));
        _time.Advance(TimeSpan.FromSeconds(10));
        watch.Hear(Beat("gateway", "a"));

        var one = watch.Look().Processes.ShouldHaveSingleItem();
        (one.Since, one.HeardAt).ShouldBe((first, first.AddSeconds(10)));
    }

    private static ServiceHeartbeat Beat(string service, string instance, params HandledEvents[] handled) =>
        new(service, instance, 250, handled);

    private static IEnumerable<string> States(ProcessWatch watch) => watch.Look().Processes.Select(one => one.State);

    // Nobody connects: it is not started.
    private ProcessWatch New() => new(connector: null!, _time, NullLogger<ProcessWatch>.Instance);
}
