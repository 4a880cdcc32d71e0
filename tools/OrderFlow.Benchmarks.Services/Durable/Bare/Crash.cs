namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Crash-only: whatever goes wrong ends the process. What it had not finished is in the outbox and at the broker.</summary>
internal static class Crash
{
    private const int ExitCode = 70;

    public static void Because(Exception exception)
    {
        Console.Error.WriteLine(exception);
        Environment.Exit(ExitCode);
    }
}
