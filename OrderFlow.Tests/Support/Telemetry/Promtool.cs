namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>Prometheus' own linter, as a process.</summary>
internal static class Promtool
{
    /// <summary>Runs <c>promtool check metrics</c> on a document in the text format.</summary>
    public static async Task<(int ExitCode, string Complaints)> CheckMetricsAsync(string text)
    {
        using var process = PrometheusPrograms.Start("promtool", ["check", "metrics"]);
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await errors);
    }
}
