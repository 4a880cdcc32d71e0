using Microsoft.Extensions.Time.Testing;
using OrderFlow.AppHost.Supervision;

namespace OrderFlow.Tests.AppHost;

public sealed class SupervisedProcessTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_pause_before_a_restart_doubles_from_a_second_to_half_a_minute()
    {
        var pause = new RestartPause(_time);

        var pauses = Enumerable.Range(0, 7).Select(_ => CrashOf(pause).TotalSeconds);

        pauses.ShouldBe([1, 2, 4, 8, 16, 30, 30]);
    }

    [Fact]
    public void Restart_pause_is_reset_after_a_minute_without_a_crash()
    {
        var pause = new RestartPause(_time);
        CrashOf(pause);
        CrashOf(pause);
        pause.Started();
        _time.Advance(TimeSpan.FromSeconds(61));

        pause.AfterCrash().ShouldBe(TimeSpan.FromSeconds(1));
        pause.Crashes.ShouldBe(1);
    }

    [Fact]
    public void A_process_that_was_asked_to_stop_is_not_started_again()
    {
        var process = new SupervisedProcess(new(_time));
        process.Started();

        process.Stop();

        process.Crashed().ShouldBeNull();
    }

    [Fact]
    public void A_process_that_the_user_started_again_is_supervised_again()
    {
        var process = new SupervisedProcess(new(_time));
        process.Stop();

        process.Started();

        process.Crashed().ShouldNotBeNull();
    }

    [Fact]
    public void Previous_exit_of_a_process_that_is_starting_is_not_counted_as_a_second_crash()
    {
        var process = new SupervisedProcess(new(_time));
        var restart = process.Crashed()!;

        process.Crashed().ShouldBeNull();

        process.StartedAgain(restart);
        process.Crashed()!.Crashes.ShouldBe(2);
    }

    [Fact]
    public void Stop_during_the_pause_cancels_the_restart()
    {
        var process = new SupervisedProcess(new(_time));
        var restart = process.Crashed()!;

        process.Stop();

        restart.Cancelled.IsCompleted.ShouldBeTrue();
    }

    private static TimeSpan CrashOf(RestartPause pause)
    {
        pause.Started();
        return pause.AfterCrash();
    }
}
