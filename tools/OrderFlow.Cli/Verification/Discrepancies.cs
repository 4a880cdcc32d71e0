namespace OrderFlow.Cli.Verification;

/// <summary>The discrepancies between the customers' ledger and the system. All lists empty: nothing is wrong.</summary>
internal sealed class Discrepancies
{
    /// <summary>What should be there and is not.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>What happened more than once.</summary>
    public List<string> Doubled { get; } = [];

    /// <summary>What began and does not end.</summary>
    public List<string> Stuck { get; } = [];

    /// <summary>What is there and should not be.</summary>
    public List<string> Unexplained { get; } = [];

    /// <summary>Events of orders that are in a dead-letter queue: not lost, and waiting for an operator.</summary>
    public List<string> DeadLettered { get; } = [];

    /// <summary>Notifications that arrived again in the documented window, under the same id.</summary>
    public int NotifiedAgain { get; set; }

    /// <summary>Garbage that was found in the dead-letter queues, each piece once.</summary>
    public int GarbageFound { get; set; }

    /// <summary>Second copies of it: moved at least once, as everything.</summary>
    public int GarbageTwice { get; set; }

    /// <summary>Orders without a final answer that exist, and ended.</summary>
    public int UnknownThere { get; set; }

    public bool IsClean => Lost.Count + Doubled.Count + Stuck.Count + Unexplained.Count == 0;
}
