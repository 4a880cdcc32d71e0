using System.Globalization;
using OrderFlow.Cli.Chaos;
using OrderFlow.Cli.Reporting;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>A chaos run as the command has it, whose progress and report are the test's output.</summary>
internal static class ShortChaosRun
{
    public static async Task<(ChaosReport Report, string Text)> RunAsync(ChaosOptions options)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var written = new StringWriter(CultureInfo.InvariantCulture);
        var output = TextWriter.Synchronized(written);
        await output.WriteLineAsync($"seed {options.Seed}");
        try
        {
            var report = await ChaosRun.RunAsync(options, new Progress(output, isTerminal: false), cancellation, cancellation);
            var text = ChaosReportText.Of(report);
            await output.WriteLineAsync(text);
            return (report, text);
        }
        finally
        {
            TestContext.Current.TestOutputHelper!.WriteLine(written.ToString());
        }
    }
}
