using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The dead letters of a service, or why they cannot be read.</summary>
/// <param name="Service">The service.</param>
/// <param name="At">When its queue was read.</param>
/// <param name="Listing">The dead letters by group.</param>
/// <param name="AtRisk">The orders in all of them.</param>
/// <param name="GroupsAtRisk">The orders in each group, by its id; an order may be in several.</param>
/// <param name="Problem">Why the queue could not be read.</param>
public sealed record ServiceDeadLetters(
    string Service, DateTimeOffset At, DeadLetterListing? Listing, OrdersAtRisk? AtRisk,
    IReadOnlyDictionary<string, OrdersAtRisk>? GroupsAtRisk, string? Problem)
{
    /// <summary>What may remove dead letters without a decision, and what to do about it.</summary>
    public string? Warning { get; init; }

    /// <summary>
    /// Messages that the broker moved on from the dead-letter queue, because the AMQP client cannot parse them or a policy asks for it;
    /// they are in the queue <c>{service}.parking-lot</c>.
    /// </summary>
    public long Parked { get; init; }

    /// <summary>The messages themselves, the oldest first; of very many, the oldest.</summary>
    internal IReadOnlyList<DeadLetter> Letters { get; init; } = [];

    /// <summary>The different orders among them.</summary>
    internal IReadOnlySet<string> Orders { get; init; } = new HashSet<string>();

    /// <summary>Their values as far as they are known, so that the next reading need not ask again.</summary>
    internal IReadOnlyDictionary<string, CurrencyAmount> Values { get; init; } = new Dictionary<string, CurrencyAmount>();
}

/// <summary>The dead letters of all services.</summary>
/// <param name="At">When the first of the queues was read.</param>
/// <param name="AtRisk">The orders in the dead letters of all services; one may be in those of several.</param>
/// <param name="Services">Service by service.</param>
public sealed record DeadLetterOverview(DateTimeOffset At, OrdersAtRisk AtRisk, IReadOnlyList<ServiceDeadLetters> Services);
