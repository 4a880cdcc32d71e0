namespace OrderFlow.Cli.Verification;

/// <summary>
/// One counter: what the databases say it must be, and what Prometheus says it is; <see langword="null"/> when it says nothing.
/// </summary>
internal sealed record CounterCheck(string Counter, double Expected, double? Counted)
{
    public bool Agrees => (Counted ?? 0) == Expected;
}
