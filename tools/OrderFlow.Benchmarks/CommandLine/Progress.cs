namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>Lines on standard error about how far a comparison is; the table alone is on standard output.</summary>
internal static class Progress
{
    public static void Say(string line) => Console.Error.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss}  {line}");
}
