using System.Globalization;
using OrderFlow.Cli.Chaos;
using OrderFlow.Cli.Reporting;
using OrderFlow.Cli.Reporting.Chaos;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>A chaos run as the command has it, whose progress and report are the test's output.</summary>
internal static class ChaosInSmall
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
            var text = ReportText.Of(report);
            await output.WriteLineAsync(text);
            return (report, text);
        }
        finally
        {
            TestContext.Current.TestOutputHelper!.WriteLine(written.ToString());
        }
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosCollection
{
    public const string Name = "alone on the machine";
}
