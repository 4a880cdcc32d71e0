namespace OrderFlow.Cli.Ledgers;

/// <summary>What is known of the Gateway's answer to one order.</summary>
internal enum OrderAnswer : byte
{
    /// <summary>No answer yet, or never sent.</summary>
    Open,

    /// <summary>202.</summary>
    Accepted,

    /// <summary>An answer that says it is not accepted, or no connection.</summary>
    Refused,

    /// <summary>No answer, or one that leaves it open: it may have been accepted.</summary>
    Unknown,
}
