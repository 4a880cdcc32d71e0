using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.Tests.Hosting;

public sealed class ResourcesStartInOrder
{
    private const string Stay = "exec sleep 1000";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_resource_starts_when_what_it_waits_for_is_healthy_and_not_before()
    {
        await using var app = new LocalApp();
        var healthy = false;
        app.Builder.Services.AddHealthChecks().AddCheck("gate", () => healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("closed"));
        var first = app.AddScript("first", Stay).WithHealthCheck("gate");
        app.AddScript("second", Stay).WaitFor(first);
        await app.StartAsync();

        await app.Notifications.WaitForResourceAsync("first", e => e.Snapshot.HealthReports.Any(report => report.Description == "closed"), CancellationToken);
        (await app.StateAsync("second", KnownResourceStates.Waiting)).Snapshot.StartTimeStamp.ShouldBeNull();
        healthy = true;

        var second = await app.StateAsync("second", KnownResourceStates.Running);
        var seen = await app.Notifications.WaitForResourceHealthyAsync("first", CancellationToken);
        second.Snapshot.StartTimeStamp!.Value.ShouldBeGreaterThanOrEqualTo(seen.Snapshot.HealthReports.Single().LastRunAt!.Value);
    }

    [Fact]
    public async Task Whoever_waits_for_a_resource_waits_for_its_ready_callbacks_too()
    {
        await using var app = new LocalApp();
        var release = new TaskCompletionSource();
        var called = new TaskCompletionSource();
        var first = app.AddScript("first", Stay).OnResourceReady(async (_, _, _) =>
        {
            called.SetResult();
            await release.Task;
        });
        app.AddScript("second", Stay).WaitFor(first);
        await app.StartAsync();

        await called.Task.WaitAsync(CancellationToken);
        (await app.StateAsync("second", KnownResourceStates.Waiting)).Snapshot.StartTimeStamp.ShouldBeNull();
        release.SetResult();

        await app.StateAsync("second", KnownResourceStates.Running);
    }

    [Fact]
    public async Task A_resource_that_waits_for_an_end_starts_after_it()
    {
        await using var app = new LocalApp();
        var migration = app.AddScript("migration", "echo migrated");
        app.AddScript("service", Stay).WaitForCompletion(migration);
        await app.StartAsync();

        var service = await app.StateAsync("service", KnownResourceStates.Running);
        var end = await app.StateAsync("migration", KnownResourceStates.Finished);

        end.Snapshot.ExitCode.ShouldBe(0);
        end.Snapshot.StopTimeStamp!.Value.ShouldBeLessThanOrEqualTo(service.Snapshot.StartTimeStamp!.Value);
        app.Lines("migration").ShouldBe(["migrated"]);
    }

    [Fact]
    public async Task When_a_resource_cannot_start_neither_do_those_that_wait_for_it()
    {
        await using var app = new LocalApp();
        var missing = app.Builder.AddExecutable("missing", "no-such-program", ".");
        app.AddScript("needy", Stay).WaitFor(missing);
        await app.StartAsync();

        await app.StateAsync("missing", KnownResourceStates.FailedToStart);
        await app.StateAsync("needy", KnownResourceStates.FailedToStart);

        app.Lines("missing").Single().ShouldStartWith("Resource 'missing' cannot start: there is no program 'no-such-program' on the PATH");
        app.Lines("needy").ShouldBe(["it needs 'missing', which could not start."]);
        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => app.Notifications.WaitForResourceHealthyAsync("needy", CancellationToken));
        failure.Message.ShouldContain("'needy' is FailedToStart");
    }

    [Fact]
    public async Task Waiting_in_a_circle_is_refused()
    {
        await using var app = new LocalApp();
        var first = app.AddScript("first", Stay);
        var second = app.AddScript("second", Stay).WaitFor(first);
        first.WaitFor(second);

        var failure = await Should.ThrowAsync<DistributedApplicationException>(app.StartAsync);

        failure.Message.ShouldBe("Resources wait for each other in a circle: 'first' waits for 'second' waits for 'first'.");
    }

    [Fact]
    public async Task Resources_stop_before_what_they_use()
    {
        await using var app = new LocalApp("--OrderFlow:ExecutableStopTimeoutSeconds=20");
        const string note = "trap 'echo {0} >> stopped; exit 0' TERM; echo up; while :; do sleep 0.05; done";
        var store = app.AddScript("store", note.Replace("{0}", "store", StringComparison.Ordinal));
        var service = app.AddScript("service", note.Replace("{0}", "service", StringComparison.Ordinal)).WaitFor(store);
        app.AddScript("front", note.Replace("{0}", "front", StringComparison.Ordinal)).WaitFor(service);
        await app.StartAsync();
        foreach (var name in new[] { "store", "service", "front" })
        {
            await app.LineAsync(name, line => line == "up");
        }

        await app.App.StopAsync(CancellationToken);

        (await File.ReadAllLinesAsync(app.In("stopped"), CancellationToken)).ShouldBe(["front", "service", "store"]);
    }
}
