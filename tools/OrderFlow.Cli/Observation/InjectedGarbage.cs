namespace OrderFlow.Cli.Observation;

/// <summary>An unreadable message that the tool put into a service's queue.</summary>
/// <param name="Mark">The value of the header by which it is found again.</param>
/// <param name="DeadLetterQueues">It must end in one of these queues.</param>
internal sealed record InjectedGarbage(string Mark, IReadOnlyList<string> DeadLetterQueues)
{
    /// <summary>The header that carries the mark.</summary>
    public const string MarkHeader = "chaos-mark";
}
