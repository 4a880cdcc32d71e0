namespace OrderFlow.Cli.Observation;

/// <summary>A flow of the store.</summary>
/// <param name="OrderId">The order that it is of.</param>
/// <param name="Status">Whether it has ended.</param>
/// <param name="Outcome">How.</param>
/// <param name="Events">How many events it has.</param>
internal sealed record StoredFlow(string OrderId, string Status, string? Outcome, int Events)
{
    public long? TotalMicros { get; init; }

    /// <summary>Whether it is counted as one that missed its deadline.</summary>
    public bool? IsLate { get; init; }

    /// <summary>Its latency ledger.</summary>
    public string? Stages { get; init; }

    /// <summary>What <c>notification.sent</c> says of the whole.</summary>
    public long? EndToEndMicros { get; init; }
}
