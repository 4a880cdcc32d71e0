using System.Diagnostics;
using System.Text.Json;
using OrderFlow.Tests.Messaging;

namespace OrderFlow.Tests.DeadLetters;

/// <summary>The command as one types it, in a process of its own.</summary>
public sealed class DeadLettersCommandSpecs(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lists_tries_and_replays()
    {
        await using var scene = await ReplaySpecs.Scene.WithDeadLettersAsync(broker, 4);
        scene.Repair();
        var at = new[] { "--service", scene.Service, "--broker", scene.Bus.Node.ConnectionString };

        var listed = await RunAsync(["list", .. at]);
        var document = JsonDocument.Parse((await RunAsync(["list", "--json", .. at])).Output).RootElement;
        var group = document.GetProperty("groups")[0].GetProperty("id").GetString()!;
        var dry = await RunAsync(["replay", "--group", group, "--dry-run", .. at]);
        var replayed = await RunAsync(["replay", "--group", group, "--rate", "100", "--json", .. at]);
        var nothing = await RunAsync(["replay", "--message", Guid.NewGuid().ToString(), .. at]);

        listed.ExitCode.ShouldBe(0, listed.Error);
        listed.Output.ShouldStartWith($"{scene.Service}.dead-letters: 4 dead letters in 2 groups");
        listed.Output.ShouldContain("2 × handler_failed of");
        listed.Output.ShouldContain("System.TimeoutException: odd");
        document.GetProperty("total").GetInt32().ShouldBe(4);
        dry.Output.Trim().ShouldBe($"2 dead letters would be sent back to {scene.Service}; 4 of 4 looked at.");
        JsonDocument.Parse(replayed.Output).RootElement.GetProperty("replayed").GetInt32().ShouldBe(2, replayed.Error);
        await scene.Script.SeesAsync(6);
        nothing.ExitCode.ShouldBe(2);
        await scene.Raw.CountIsAsync($"{scene.Service}.dead-letters", 2);
    }

    [Fact]
    public async Task Wrong_usage_is_told()
    {
        var node = await broker.NodeAsync();

        var nothingSelected = await RunAsync(["replay", "--service", "s"]);
        var nobody = await RunAsync(["list", "--service", "nobody", "--broker", node.ConnectionString]);
        var secret = await RunAsync(["list", "--service", "s", "--broker", "http://u:s3cret@host"]);

        nothingSelected.ExitCode.ShouldBe(1);
        nothingSelected.Error.ShouldContain("one of --message <id>, --group <id> or --all");
        (nobody.ExitCode, nobody.Output).ShouldBe((1, ""));
        nobody.Error.ShouldContain("no queue 'nobody.dead-letters'");
        secret.Error.ShouldContain("no AMQP URI");
        secret.Error.ShouldNotContain("s3cret");
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrderFlow.DeadLetters.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await error);
    }
}
