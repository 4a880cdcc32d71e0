using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>How a service uses its database for messaging; configuration section <c>Durability</c>, validated at start.</summary>
public sealed class DurabilityOptions : IValidatableObject
{
    public const string Section = "Durability";

    /// <summary>Connections to the database that this process may have, unless the connection string says so. Default 20.</summary>
    [Range(4, 1000)]
    public int MaxConnections { get; set; } = 20;

    /// <summary>
    /// How long a transaction may stand idle before the server ends it and frees its locks, so that a frozen replica does not
    /// hold up the others. Publishing gives up a little earlier; more than the broker's confirm time-out. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan IdleTransactionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Events that may wait in memory to be published after their commit; more are left to the sweep. Default 8192.</summary>
    [Range(1, 1_000_000)]
    public int DispatchBuffer { get; set; } = 8192;

    /// <summary>Transactions that publish committed events at the same time, where order is kept. Default 2.</summary>
    [Range(1, 64)]
    public int DispatchConcurrency { get; set; } = 2;

    /// <summary>Events that a sweep, or a transaction that publishes in order, takes at most. Default 500.</summary>
    [Range(1, 10_000)]
    public int PublishBatch { get; set; } = 500;

    /// <summary>How often a sweep looks for events that were left behind. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Age from which on an event counts as left behind; while it is being published, it gets as much time again. Default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SweepAge { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked for scheduled events that are due: what they are late by at most. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ScheduleInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Wait before an event that the broker refused, or that has no consumer's queue, is tried again; each further one is twice as long.
    /// As soon as one of its type is taken, all of them are tried again. Default 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan RefusedDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestRefusedDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the inbox remembers an event; one that comes again later has its effect again. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often older inbox rows are deleted. Default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan CleanupInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Inbox rows deleted in one transaction. Default 1000.</summary>
    [Range(1, 100_000)]
    public int CleanupBatch { get; set; } = 1000;

    /// <summary>
    /// How old the numbers of the durable counters may be, and how soon a replica finds that the one that exported them is gone.
    /// Default 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CounterInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a replica goes on exporting the durable counters after the last proof that it is the one that does: the answer of the
    /// session which holds the lock. More than twice <see cref="CounterInterval"/>, and the same for every replica. Default 3 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan CounterLease { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a replica that takes over the durable counters waits, beyond <see cref="CounterLease"/>, before it exports them. At least
    /// Prometheus' scrape interval: the last numbers of the replica before it are gone by then, and a sum never has both. Default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan CounterHandover { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the rows of the durable counters are folded into totals. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan CounterFoldInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Rows folded in one transaction. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int CounterFoldBatch { get; set; } = 10_000;

    /// <summary>
    /// Whether the events of one aggregate leave the outbox in the order in which their transactions committed; <c>PublishesInOrder()</c>
    /// sets it.
    /// The same for every replica. Default <c>false</c>.
    /// </summary>
    public bool PublishInOrder { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CounterLease <= CounterInterval * 2)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(CounterLease)} is {CounterLease}; it must be more than twice "
                + $"{Section}:{nameof(CounterInterval)}, which is {CounterInterval}, or numbers would come and go.",
                [nameof(CounterLease)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class DurabilityOptionsValidator : IValidateOptions<DurabilityOptions>;
