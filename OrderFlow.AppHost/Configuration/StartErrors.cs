namespace OrderFlow.AppHost.Configuration;

/// <summary>How the AppHost says that it cannot start.</summary>
internal static class StartErrors
{
    /// <summary>
    /// From now on a <see cref="DistributedApplicationException"/> that nobody catches ends the process with its message on standard error
    /// and exit code 1, without a stack trace: it says what to type. In a test the exception goes to the test.
    /// </summary>
    public static void EndInOneLine() => AppDomain.CurrentDomain.UnhandledException += (_, end) =>
    {
        if (end.ExceptionObject is DistributedApplicationException problem)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
            Environment.Exit(1);
        }
    };
}
