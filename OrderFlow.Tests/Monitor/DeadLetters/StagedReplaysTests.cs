using System.Net;
using System.Text.Json;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitor.DeadLetters;

/// <summary>Replays in steps, which go on in the background.</summary>
[Collection("Monitor")]
public sealed class StagedReplaysTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static readonly int[] OneAndOne = [1, 1];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staged_replay_records_each_step_and_its_outcome()
    {
        await using var scene = await SceneAsync(8);
        await scene.ServeAsync();

        (await scene.PostAsync(new { all = true, ramp = true, dryRun = true }))
            .GetProperty("steps")
            .EnumerateArray()
            .Select(step => step.GetProperty("size").GetInt32())
            .ShouldBe([1, 5, 2]);
        var run = await scene.StartStagedReplayAsync(new { all = true, ramp = true, by = "a test", reason = "mended" });
        // Its life-cycle events may be stored a moment after its end.
        var ended = await scene.DecisionAsync(
            run, one => one.GetProperty("state").GetString() != "running" && one.GetProperty("handled").GetInt32() == 8);

        ended.TryGetProperty("problem", out _).ShouldBeFalse();
        (ended.GetProperty("action").GetString(), ended.GetProperty("state").GetString(),
            ended.GetProperty("count").GetInt32(), ended.GetProperty("by").GetString())
            .ShouldBe(("ramp", "done", 8, "a test"));
        Steps(ended).ShouldBe(["1 of 1: 1 handled, 0 failed", "5 of 5: 5 handled, 0 failed", "2 of 2: 2 handled, 0 failed"]);
        (ended.GetProperty("underWay").GetInt32(), ended.GetProperty("failedAgain").GetInt32()).ShouldBe((0, 0));
        (await scene.CountDeadLettersAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task Staged_replay_stops_with_a_reason_when_a_message_fails_again()
    {
        await using var scene = await SceneAsync(8);
        var seen = 0;
        await scene.ServeAsync(_ => ++seen == 2);

        var ended = await scene.DecisionAsync(
            await scene.StartStagedReplayAsync(new { all = true, ramp = true, steps = OneAndOne }),
            one => one.GetProperty("state").GetString() == "stopped");

        ended.GetProperty("problem")
            .GetString()
            .ShouldBe("1 of 1 sent in step 2 failed, the first with System.TimeoutException: still broken");
        ended.GetProperty("ramp").GetProperty("state").GetString().ShouldBe("failed");
        Steps(ended).ShouldBe(["1 of 1: 1 handled, 0 failed", "1 of 1: 0 handled, 1 failed", "0 of 6: 0 handled, 0 failed"]);
        (await scene.CountDeadLettersAsync()).ShouldBe(7u);
    }

    [Fact]
    public async Task Staged_replay_is_stopped_by_hand_and_the_list_stays_readable_meanwhile()
    {
        await using var scene = await SceneAsync(8);
        var run = await scene.StartStagedReplayAsync(new { all = true, ramp = true });
        await scene.DecisionAsync(run, one => one.TryGetProperty("ramp", out var ramp) && ramp.GetProperty("sent").GetInt32() == 1);

        (await scene.PostAsync(new { all = true, ramp = true }, HttpStatusCode.Conflict))
            .GetProperty("type")
            .GetString()
            .ShouldBe("urn:orderflow:problem:ramp-conflict");
        (await scene.ListAsync()).GetProperty("listing").GetProperty("total").GetInt32().ShouldBe(7);
        using (var stop = await scene.Monitor.Http.PostAsync(
            new Uri($"/api/dead-letters/decisions/{run}/stop", UriKind.Relative), content: null, CancellationToken))
        {
            stop.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        var ended = await scene.DecisionAsync(run, one => one.GetProperty("state").GetString() == "stopped");
        (ended.GetProperty("problem").GetString(), ended.GetProperty("stoppedBy").GetString()![..8])
            .ShouldBe(("Stopped by hand before its end.", "session,"));
        using var again = await scene.Monitor.Http.PostAsync(
            new Uri($"/api/dead-letters/decisions/{run}/stop", UriKind.Relative), content: null, CancellationToken);
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await scene.CountDeadLettersAsync()).ShouldBe(7u);
    }

    [Fact]
    public async Task Staged_replay_that_stops_with_the_Monitor_is_recorded_as_stopped()
    {
        await using var scene = await SceneAsync(8);
        var run = await scene.StartStagedReplayAsync(new { all = true, ramp = true });
        await scene.DecisionAsync(run, one => one.TryGetProperty("ramp", out var ramp) && ramp.GetProperty("sent").GetInt32() == 1);

        await scene.Monitor.DisposeAsync();
        await scene.StartMonitorAsync();

        var ended = await scene.Monitor.GetJsonAsync($"/api/dead-letters/decisions/{run}");
        (ended.GetProperty("state").GetString(), ended.GetProperty("problem").GetString(), ended.GetProperty("count").GetInt32())
            .ShouldBe(("stopped", "Stopped with the Monitor before its end.", 1));
        ended.GetProperty("ramp").GetProperty("state").GetString().ShouldBe("interrupted");
        (await scene.CountDeadLettersAsync()).ShouldBe(7u);
    }

    [Fact]
    public async Task Staged_replay_of_a_killed_Monitor_is_ended_by_the_next_one()
    {
        await using var scene = await SceneAsync(2);
        await scene.ServeAsync();
        var killed = Guid.CreateVersion7();
        await scene.Database.ExecuteAsync($$"""
            INSERT INTO decisions (run, at, action, service, selection, holder, alive_at, ramp)
            VALUES ('{{killed}}', now() - interval '2 minutes', 'ramp', '{{DeadLetterScene.Service}}', 'all', 'bearer',
                now() - interval '1 minute',
                '{"runId":"{{killed}}","total":3,"state":"running","sent":1,
                  "steps":[{"size":1,"sent":1,"handled":1,"failed":0},{"size":2,"sent":0,"handled":0,"failed":0}]}')
            """);

        var ended = await scene.DecisionAsync(killed, one => one.GetProperty("state").GetString() == "stopped");

        ended.GetProperty("problem").GetString().ShouldNotBeNull().ShouldStartWith("The Monitor was killed, or lost its database");
        (ended.GetProperty("count").GetInt32(), ended.GetProperty("ramp").GetProperty("state").GetString()).ShouldBe((1, "interrupted"));
        await scene.DecisionAsync(
            await scene.StartStagedReplayAsync(new { all = true, ramp = true }), one => one.GetProperty("state").GetString() == "done");
    }

    private async Task<DeadLetterScene> SceneAsync(int letters)
    {
        var scene = await DeadLetterScene.OnAsync(broker, postgres);
        for (var n = 0; n < letters; n++)
        {
            await scene.DeadLetterAsync(OrderEvents.From(DateTimeOffset.UtcNow).Processed);
        }

        return scene;
    }

    private static IEnumerable<string> Steps(JsonElement decision) => decision
        .GetProperty("ramp")
        .GetProperty("steps")
        .EnumerateArray()
        .Select(step =>
        $"{step.GetProperty("sent")} of {step.GetProperty("size")}: {step.GetProperty("handled")} handled, "
        + $"{step.GetProperty("failed")} failed");
}
