using System.Diagnostics;
using System.Text.Json;
using OrderFlow.Tests.Messaging.Operations;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Cli;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Cli.DeadLetters;

/// <summary>The command <c>dead-letters</c>, each in a process of its own.</summary>
public sealed class DeadLettersCommandTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_dry_run_and_replay_show_and_send_back_the_selected_group()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 4);
        scene.Repair();
        var at = new[] { "--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString };

        var listed = await RunAsync(["list", .. at]);
        var document = JsonDocument.Parse((await RunAsync(["list", "--json", .. at])).Output).RootElement;
        var group = document.GetProperty("groups")[0].GetProperty("id").GetString()!;
        var dry = await RunAsync(["replay", "--group", group, "--dry-run", .. at]);
        var replayed = await RunAsync(["replay", "--group", group, "--rate", "100", "--json", .. at]);
        var nothing = await RunAsync(["replay", "--message", Guid.NewGuid().ToString(), .. at]);

        listed.ExitCode.ShouldBe(0, listed.Error);
        listed.Output.ShouldStartWith($"{scene.Service}.dead-letters: 4 dead letters in 2 groups, about 2 orders");
        listed.Output.ShouldContain("2 × handler_failed of");
        listed.Output.ShouldContain("2 orders, oldest 20");
        listed.Output.ShouldContain("System.TimeoutException: odd");
        document.GetProperty("total").GetInt32().ShouldBe(4);
        dry.Output.Trim().ShouldBe($"2 dead letters would be sent back to {scene.Service}; 4 of 4 looked at.");
        JsonDocument.Parse(replayed.Output).RootElement.GetProperty("replayed").GetInt32().ShouldBe(2, replayed.Error);
        await scene.Script.SeesAsync(6);
        nothing.ExitCode.ShouldBe(2);
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 2);
    }

    [Fact]
    public async Task A_staged_replay_prints_its_steps_and_exits_with_3_when_it_stops()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 9);
        string[] ramp = ["replay", "--all", "--ramp", "--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString];

        var dry = await RunAsync([.. ramp, "--dry-run"]);
        var stopped = await RunAsync([.. ramp, "--json"]);
        scene.Repair();
        var done = await RunAsync([.. ramp, "--steps", "2,3", "--allowed-failures", "0.5", "--outcome-timeout", "60"]);

        dry.Output.Trim().ShouldBe($"9 dead letters would be sent back to {scene.Service} in steps of 1, 5, 3.");
        stopped.ExitCode.ShouldBe(3, stopped.Error);
        var run = JsonDocument.Parse(stopped.Output).RootElement;
        (run.GetProperty("state").GetString(), run.GetProperty("sent").GetInt32(), run.GetProperty("failed").GetInt32())
            .ShouldBe(("failed", 1, 1));
        run.GetProperty("why").GetString().ShouldBe("1 of 1 sent in step 1 failed, the first with System.InvalidOperationException: even");
        done.ExitCode.ShouldBe(0, done.Error);
        done.Output.ShouldStartWith($"9 of 9 dead letters sent back to {scene.Service}: 9 handled, 0 failed, 0 under way.");
        // Its last line: a message may be handled before the next of its step is sent.
        done.Error.Trim()
            .Split('\n')
            .GroupBy(line => line[..line.IndexOf(':', StringComparison.Ordinal)], StringComparer.Ordinal)
            .Select(step => step.Last())
            .ShouldBe(
        [
            "step 1 of 3: 2 of 2 sent, 2 handled, 0 failed, 0 under way", "step 2 of 3: 3 of 3 sent, 3 handled, 0 failed, 0 under way",
            "step 3 of 3: 4 of 4 sent, 4 handled, 0 failed, 0 under way",
        ]);
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 0);
    }

    [Fact]
    public async Task An_interrupted_staged_replay_keeps_what_it_did_not_send()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 3);
        await scene.Handler.Host.StopAsync(Cancellation);
        using var process = Start(["replay", "--all", "--ramp", "--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString]);
        var said = process.StandardOutput.ReadToEndAsync(Cancellation);
        await scene.Raw.CountIsAsync(scene.Service, 1);

        using var interrupt = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync(Cancellation);

        process.ExitCode.ShouldBe(130);
        (await said)
            .ShouldStartWith(
                $"1 of 3 dead letters sent back to {scene.Service}: 0 handled, 0 failed, 1 under way. Stopped before its end. "
                + "What was not sent is still a dead letter.");
        (await scene.LeftAsync(2)).ShouldBe(scene.Ids[1..]);
    }

    [Fact]
    public async Task Wrong_usage_exits_with_1_and_says_why()
    {
        var node = await broker.NodeAsync();

        var nothingSelected = await RunAsync(["replay", "--service", "s"]);
        var nowhere = await RunAsync(
            ["discard", "--service", "s", "--all", "--reason", "r", "--broker", node.ConnectionString, "--to", "/dev/null/x"]);
        var nobody = await RunAsync(["list", "--service", "nobody", "--broker", node.ConnectionString]);
        var noRamp = await RunAsync(["replay", "--service", "s", "--all", "--steps", "1,5"]);
        var noSteps = await RunAsync(["replay", "--service", "s", "--all", "--ramp", "--steps", "1,none"]);
        var secret = await RunAsync(["list", "--service", "s", "--broker", "http://u:s3cret@host"]);

        nothingSelected.ExitCode.ShouldBe(1);
        nothingSelected.Error.ShouldContain("one of --message <id>, --group <id> or --all");
        (nowhere.ExitCode, nowhere.Output).ShouldBe((1, ""));
        (nobody.ExitCode, nobody.Output).ShouldBe((1, ""));
        nobody.Error.ShouldContain("no queue 'nobody.dead-letters'");
        noRamp.Error.ShouldContain("--steps goes with --ramp only; add --ramp.");
        noSteps.Error.ShouldContain("--steps takes whole numbers from 1, separated by commas, such as 1,5,50; it is 1,none.");
        secret.Error.ShouldContain("no AMQP URI");
        secret.Error.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 130)]
    public async Task A_killed_or_interrupted_replay_loses_no_event(string signal, int exitCode)
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 40);
        scene.Repair();
        using var process = Start(
            ["replay", "--all", "--rate", "4", "--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString]);
        var said = process.StandardOutput.ReadToEndAsync(Cancellation);
        await scene.Script.SeesAsync(45);

        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await process.WaitForExitAsync(Cancellation);

        process.ExitCode.ShouldBe(exitCode);
        await Wait.UntilAsync("every event is handled or still there", async () =>
            scene.Script.Seen.Count(seen => seen.Context.Replayed) + await scene.Raw.CountAsync($"{scene.Service}.dead-letters") >= 40);
        var left = await scene.LeftAsync((int)await scene.Raw.CountAsync($"{scene.Service}.dead-letters"));
        left.ShouldNotBeEmpty();
        left.Union(scene.Script.Seen.Where(seen => seen.Context.Replayed).Select(seen => seen.Context.EventId))
            .ShouldBe(scene.Ids, ignoreOrder: true);
        (await said).Contains("Interrupted: the others are still dead letters.", StringComparison.Ordinal).ShouldBe(signal == "INT");
    }

    [Fact]
    public async Task Discard_takes_a_reason_and_writes_each_message_to_a_file()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 4);
        using var directory = new TemporaryDirectory();
        var file = directory.In("discarded.jsonl");
        string[] at = ["--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString, "--to", file];

        var noReason = await RunAsync(["discard", "--all", .. at]);
        var blank = await RunAsync(["discard", "--all", "--reason", " ", .. at]);
        var dry = await RunAsync(["discard", "--all", "--reason", "no such customer", "--dry-run", .. at]);
        var one = await RunAsync(
            ["discard", "--message", scene.Ids[1].ToString(), "--reason", "no such customer", "--by", "alice", .. at]);
        var rest = await RunAsync(["discard", "--all", "--reason", "too old", "--json", .. at]);
        var nothing = await RunAsync(["discard", "--all", "--reason", "too old", .. at]);

        (noReason.ExitCode, blank.ExitCode, dry.ExitCode, one.ExitCode, rest.ExitCode, nothing.ExitCode)
            .ShouldBe((1, 1, 0, 0, 0, 2), one.Error + rest.Error);
        noReason.Error.ShouldContain("--reason");
        blank.Error.ShouldContain("--reason must say something; it is blank.");
        dry.Output.Trim().ShouldBe($"4 dead letters would be discarded from {scene.Service}.dead-letters; 4 of 4 looked at.");
        one.Output.Trim()
            .ShouldBe($"1 dead letter discarded from {scene.Service}.dead-letters; 4 of 4 looked at. They are in {file} now.");
        JsonDocument.Parse(rest.Output).RootElement.GetProperty("discarded").GetInt32().ShouldBe(3);
        var lines = DiscardTests.Read(file);
        lines.Select(line => line.GetProperty("messageId").GetGuid()).ShouldBe([scene.Ids[1], scene.Ids[0], scene.Ids[2], scene.Ids[3]]);
        lines.Select(line => (line.GetProperty("by").GetString(), line.GetProperty("reason").GetString()))
            .First()
            .ShouldBe(("alice", "no such customer"));
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 0);
    }

    [Fact]
    public async Task A_killed_discard_loses_no_message_and_the_next_one_completes_it()
    {
        await using var scene = await ReplayTests.Scene.WithDeadLettersAsync(broker, 250);
        using var directory = new TemporaryDirectory();
        var file = directory.In("discarded.jsonl");
        string[] discard =
        [
            "discard", "--all", "--reason", "test", "--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString, "--to", file,
        ];
        using var process = Start(discard);
        await Wait.UntilAsync("something is written", () => File.Exists(file) && new FileInfo(file).Length > 0);

        process.Kill();
        await process.WaitForExitAsync(Cancellation);

        var written = DiscardTests.Read(file).Select(line => line.GetProperty("messageId").GetGuid()).ToHashSet();
        // With its consumer gone, what the killed discard held is back in the queue.
        await Wait.UntilAsync(
            "the broker has seen the end",
            async () => await scene.Raw.Channel.ConsumerCountAsync($"{scene.Service}.dead-letters", Cancellation) == 0);
        (await scene.Raw.CountAsync($"{scene.Service}.dead-letters") + (uint)written.Count)
            .ShouldBeGreaterThanOrEqualTo(250u, "every message is in the file or in the queue");
        // What was written already but is back only after the next one has counted is for the one after that.
        await Wait.UntilAsync("nothing is left", async () =>
        {
            (await RunAsync(discard)).ExitCode.ShouldBeOneOf(0, 2);
            return await scene.Raw.CountAsync($"{scene.Service}.dead-letters") == 0;
        });
        DiscardTests.Read(file).Select(line => line.GetProperty("messageId").GetGuid()).Distinct().ShouldBe(scene.Ids, ignoreOrder: true);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(IEnumerable<string> arguments) =>
        OrderFlowProcess.RunAsync(["dead-letters", .. arguments], Cancellation);

    private static Process Start(IEnumerable<string> arguments) => OrderFlowProcess.Start(["dead-letters", .. arguments]);
}
