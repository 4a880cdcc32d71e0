namespace OrderFlow.Gateway.Problems;

/// <summary>Whether an order that is turned away may have been accepted all the same, when a client could wonder.</summary>
internal static class RefusalOutcome
{
    public const string NotAccepted = "not_accepted";
    public const string Unknown = "unknown";
}
