using OrderFlow.Tests.Support.Cli;

namespace OrderFlow.Tests.Cli.CommandLine;

public sealed class HelpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "load", "chaos", "dead-letters")]
    [InlineData("load", "--rate", "--duration", "--gateway", "--broker", "Exit codes:")]
    [InlineData("chaos", "run", "garbage", "outage")]
    [InlineData("chaos run", "--faults", "--kinds", "--seed", "Exit codes:")]
    [InlineData("dead-letters", "list", "replay", "discard")]
    [InlineData("dead-letters replay", "--service", "--ramp", "--dry-run", "Exit codes:")]
    public async Task Help_lists_the_commands_or_options_and_exits_with_0(string command, params string[] expected)
    {
        var help = await RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        help.ExitCode.ShouldBe(0, help.Error);
        expected.ShouldAllBe(text => help.Output.Contains(text, StringComparison.Ordinal), help.Output);
    }

    [Theory]
    [InlineData("lod", "'lod'")]
    [InlineData("load --rat 5", "'--rat'")]
    [InlineData("load --rate 0", "--rate must be from 0.1 to 100000; it is 0.")]
    [InlineData("chaos run --kinds flood", "flood")]
    [InlineData("dead-letters list", "--service")]
    public async Task Wrong_usage_is_named_and_exits_with_1(string command, string expected)
    {
        var failure = await RunAsync(command.Split(' '));

        failure.ExitCode.ShouldBe(1);
        failure.Error.ShouldContain(expected);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(IEnumerable<string> arguments) =>
        OrderFlowProcess.RunAsync(arguments, Cancellation);
}
