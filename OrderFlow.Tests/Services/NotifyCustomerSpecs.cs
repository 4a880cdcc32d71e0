using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Publishing;
using OrderFlow.NotificationService;
using OrderFlow.NotificationService.NotifyCustomer;
using OrderFlow.NotificationService.SimulateWork;

namespace OrderFlow.Tests.Services;

public sealed class NotifyCustomerSpecs : IDisposable
{
    private const string Latency = "event_processing.end_to_end_latency";

    private static readonly OrderProcessed Order = new() { OrderId = "order-1", UserId = "user-1", Email = "alice@example.org" };

    private readonly System.Diagnostics.Metrics.IMeterFactory _meters = TestMeters.Create();
    private readonly MeterProbe _probe;
    private readonly SettableTime _time = new();
    private readonly RecordingChannel _channel = new();

    public NotifyCustomerSpecs() => _probe = new MeterProbe(_meters);

    public void Dispose() => _probe.Dispose();

    [Fact]
    public async Task The_latency_ends_when_the_customer_is_told_not_when_the_broker_has_confirmed_it()
    {
        var handled = HandledEvent.Begun(_time);
        _channel.Telling = () => _time.Advance(TimeSpan.FromMilliseconds(120));
        handled.Confirm = () =>
        {
            _time.Advance(TimeSpan.FromSeconds(7));
            return Task.CompletedTask;
        };

        await Handler().HandleAsync(handled, Order, TestContext.Current.CancellationToken);

        _probe.Of(Latency).ShouldHaveSingleItem().ShouldBe(new(Latency, 0.12, "event_type=OrderCreationFlow,status=success,attempt=first"));
        handled.Published.ShouldHaveSingleItem().ShouldBe(
            new NotificationSent { OrderId = "order-1", UserId = "user-1", Channel = "recording", EndToEndMicros = 120_000 });
        _channel.Told.ShouldBe(["order-1"]);
    }

    [Fact]
    public async Task An_attempt_that_fails_after_the_telling_observes_nothing_so_that_its_retry_does_not_observe_twice()
    {
        var handled = HandledEvent.Begun(_time);
        handled.Confirm = () => Task.FromException(new PublishException(PublishFailure.TimedOut, "no confirm"));

        await Should.ThrowAsync<PublishException>(Handler().HandleAsync(handled, Order, TestContext.Current.CancellationToken));

        _probe.Of(Latency).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, false, "first")]
    [InlineData(2, false, "retried")]
    [InlineData(1, true, "replayed")]
    [InlineData(3, true, "replayed")]
    public async Task First_retried_and_replayed_flows_are_told_apart(int attempt, bool replayed, string label)
    {
        var begun = EventContext.StartFlow("OrderCreationFlow", _time) with { Attempt = attempt, Replayed = replayed };

        await Handler().HandleAsync(new HandledEvent(begun), Order, TestContext.Current.CancellationToken);

        _probe.Of(Latency).ShouldHaveSingleItem().Tags.ShouldBe($"event_type=OrderCreationFlow,status=success,attempt={label}");
    }

    [Fact]
    public void A_dead_letter_is_observed_once_as_a_failure()
    {
        var begun = EventContext.StartFlow("OrderCreationFlow", _time) with { Attempt = 4 };
        _time.Advance(TimeSpan.FromSeconds(1.5));

        Handler().OnDeadLettered(begun, Order, new SimulatedFailureException("always"));

        _probe.Of(Latency).ShouldHaveSingleItem().ShouldBe(new(Latency, 1.5, "event_type=OrderCreationFlow,status=failure,attempt=retried"));
    }

    [Fact]
    public async Task A_flow_that_ends_before_it_began_is_counted_and_not_observed()
    {
        var handled = HandledEvent.Begun(_time);
        _time.Advance(TimeSpan.FromMilliseconds(-3));

        await Handler().HandleAsync(handled, Order, TestContext.Current.CancellationToken);

        _probe.Of(Latency).ShouldBeEmpty();
        _probe.Of("event_processing.clock_skew").ShouldHaveSingleItem().ShouldBe(new("event_processing.clock_skew", 1, "event_type=OrderCreationFlow"));
        handled.Published.ShouldHaveSingleItem().ShouldBeOfType<NotificationSent>().EndToEndMicros.ShouldBe(-3_000);
    }

    [Fact]
    public async Task A_flow_name_that_nobody_knows_does_not_become_a_label()
    {
        await Handler().HandleAsync(HandledEvent.Begun(_time, flow: "flow-4711"), Order, TestContext.Current.CancellationToken);

        _probe.Of(Latency).ShouldHaveSingleItem().Tags.ShouldStartWith("event_type=unknown,");
    }

    [Fact]
    public async Task A_simulated_failure_comes_before_the_customer_is_told()
    {
        var handled = HandledEvent.Begun(_time);

        await Should.ThrowAsync<SimulatedFailureException>(Handler(failureRate: 1).HandleAsync(handled, Order, TestContext.Current.CancellationToken));

        _channel.Told.ShouldBeEmpty();
        handled.Published.ShouldBeEmpty();
        _probe.Of(Latency).ShouldBeEmpty();
    }

    private NotifyCustomerHandler Handler(double failureRate = 0)
    {
        var options = Options.Create(new SimulationOptions { FailureRate = failureRate });
        return new(
            _channel,
            new EndToEndLatency(new NotificationInstruments(_meters), _time, NullLogger<EndToEndLatency>.Instance),
            new SimulatedWork(options, _time),
            new SimulatedFailure(options));
    }
}
