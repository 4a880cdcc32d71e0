namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>The states that resources are in.</summary>
public static class KnownResourceStates
{
    public static readonly string NotStarted = "NotStarted";

    /// <summary>Something that it depends on is not healthy yet.</summary>
    public static readonly string Waiting = "Waiting";
    public static readonly string Starting = "Starting";
    public static readonly string Running = "Running";
    public static readonly string Stopping = "Stopping";

    /// <summary>It was stopped, or it was no server and failed.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>It was no server, and it did what it had to do.</summary>
    public static readonly string Finished = "Finished";
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>States that a resource does not leave.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];

    /// <summary>It crashed, and it will be started again. Not an end, so nobody gives up waiting for it.</summary>
    internal static readonly string Restarting = "Restarting";
}
