using System.Diagnostics;

namespace OrderFlow.Tests.Support.Cli;

/// <summary>The command line <c>orderflow</c> in a process of its own.</summary>
internal static class OrderFlowProcess
{
    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await error);
    }

    public static Process Start(IEnumerable<string> arguments)
    {
        // Tests that run in the background of a script ignore SIGINT, and so would everything that they start.
        string[] program = ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "orderflow.dll")];
        var start = new ProcessStartInfo("env", [.. program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }
}
