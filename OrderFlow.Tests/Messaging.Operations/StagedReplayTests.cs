using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Routing;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging.Operations;

/// <summary>Dead letters sent back in steps, with the life-cycle events of a real service.</summary>
public sealed class StagedReplayTests(BrokerFixture broker)
{
    private static readonly StagedReplayRequest Everything = new(new ReplaySelection.All()) { OutcomeTimeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_goes_all_the_way_while_every_step_is_handled()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 60);
        scene.Repair();
        var told = new Told();

        var run = await Library(scene).RunAsync(scene.Service, Everything, told, Cancellation);

        (run.State, run.Why, run.Total).ShouldBe((StagedReplayState.Completed, null, 60));
        run.Steps.ShouldBe([new(1, 1, 1, 0), new(5, 5, 5, 0), new(50, 50, 50, 0), new(4, 4, 4, 0)]);
        told.Runs.ShouldAllBe(one => one.RunId == run.RunId && one.Steps.Zip(one.Steps.Skip(1)).All(
            pair => pair.Second.Sent == 0 || pair.First.Handled == pair.First.Size),
            "no step begins before the one before was handled");
        scene.Script.Seen.Where(seen => seen.Context.Replayed).Select(seen => seen.Context.EventId).ShouldBe(scene.Ids);
        (await scene.LeftAsync(0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_stops_at_the_step_in_which_one_fails_and_the_rest_is_untouched()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 20);
        scene.Repair(number => number == 3 ? new TimeoutException("still odd") : null);

        var run = await Library(scene).RunAsync(scene.Service, Everything, progress: null, Cancellation);

        run.State.ShouldBe(StagedReplayState.Failed);
        run.Why.ShouldNotBeNull().ShouldEndWith("sent in step 2 failed, the first with System.TimeoutException: still odd");
        run.Steps[0].ShouldBe(new RampStep(1, 1, 1, 0));
        (run.Steps[1].Size, run.Steps[1].Failed).ShouldBe((5, 1));
        run.Steps.Skip(2).ShouldBe([new(14, 0, 0, 0)]);
        // The one that failed is a dead letter again, behind those that were never sent.
        (await scene.LeftAsync(20 - run.Sent + 1)).ShouldBe([.. scene.Ids.Skip(run.Sent), scene.Ids[3]]);
    }

    [Fact]
    public async Task A_delayed_retry_is_a_failure_and_some_may_be_allowed()
    {
        // At first nothing can be done about them; later they are worth another try.
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(
            broker, 8, retryTiers: "1h", fails: _ => new PermanentFailureException("impossible"));
        scene.Repair(number => number % 4 == 1 ? new TimeoutException("busy") : null);

        var generous = await Library(scene).RunAsync(
            scene.Service, Everything with { Steps = [4], AllowedFailures = 0.25, Limit = 7 }, progress: null, Cancellation);
        var strict = await Library(scene).RunAsync(scene.Service, Everything, progress: null, Cancellation);

        generous.State.ShouldBe(StagedReplayState.Failed);
        generous.Why.ShouldNotBeNull().ShouldEndWith("sent in step 2 failed, the first with System.TimeoutException: busy");
        generous.Steps[0].ShouldBe(new RampStep(4, 4, 3, 1));
        strict.State.ShouldBe(StagedReplayState.Completed);
        await scene.Raw.CountIsAsync($"{scene.Service}.retry.1h", 2);
        (await scene.LeftAsync(0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_stops_when_nothing_is_heard_of_what_it_sent()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 8);
        await scene.Handler.Host.StopAsync(Cancellation);

        var run = await Library(scene).RunAsync(
            scene.Service, Everything with { OutcomeTimeout = TimeSpan.FromSeconds(1) }, progress: null, Cancellation);

        run.State.ShouldBe(StagedReplayState.Silent);
        run.Why.ShouldNotBeNull().ShouldStartWith("Nothing was heard of 1 of 1 sent in step 1 for 1 s.");
        run.Steps.ShouldBe([new(1, 1, 0, 0), new(5, 0, 0, 0), new(2, 0, 0, 0)]);
        await scene.Raw.CountIsAsync(scene.Service, 1);
        (await scene.LeftAsync(7)).ShouldBe(scene.Ids[1..]);
    }

    [Fact]
    public async Task It_is_stopped_between_steps_and_only_tried_when_asked_to()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 10);
        scene.Repair();
        using var stop = new CancellationTokenSource();
        var progress = new Told(run =>
        {
            if (run.Steps[0].Handled == 1)
            {
                stop.Cancel();
            }
        });

        var dry = await Library(scene).RunAsync(scene.Service, Everything with { DryRun = true }, progress: null, Cancellation);
        var run = await Library(scene).RunAsync(scene.Service, Everything, progress, stop.Token);

        (dry.State, dry.DryRun, string.Join(' ', dry.Steps.Select(step => step.Size))).ShouldBe(
            (StagedReplayState.Completed, true, "1 5 4"));
        (run.State, run.Sent, run.Why).ShouldBe((StagedReplayState.Interrupted, 1, "Stopped before its end."));
        (await scene.LeftAsync(9)).ShouldBe(scene.Ids[1..]);
    }

    private static StagedReplay Library(ReplayTests.Scene scene) =>
        new(
            new ConnectionFactory { Uri = new Uri(scene.Bus.Node.ConnectionString), AutomaticRecoveryEnabled = false },
            TimeProvider.System);

    private sealed class Told(Action<StagedReplayRun>? tell = null) : IProgress<StagedReplayRun>
    {
        public List<StagedReplayRun> Runs { get; } = [];

        public void Report(StagedReplayRun value)
        {
            Runs.Add(value);
            tell?.Invoke(value);
        }
    }
}
