using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The dead letters of a service, or why they cannot be looked at.</summary>
/// <param name="Service">The service.</param>
/// <param name="At">When it was looked.</param>
/// <param name="Listing">What was seen.</param>
/// <param name="AtRisk">The orders in all of them.</param>
/// <param name="GroupsAtRisk">The orders in each group, by its id; an order may be in several.</param>
/// <param name="Problem">Why nothing could be seen.</param>
public sealed record ServiceDeadLetters(
    string Service, DateTimeOffset At, DeadLetterListing? Listing, AtRisk? AtRisk, IReadOnlyDictionary<string, AtRisk>? GroupsAtRisk, string? Problem)
{
    /// <summary>What may take dead letters away that nobody decided about, and what to do.</summary>
    public string? Warning { get; init; }

    /// <summary>Messages that the broker took out of the dead letters, because the AMQP client cannot parse them or a policy asks for it; they are in the queue <c>{service}.parking-lot</c>.</summary>
    public long Parked { get; init; }

    /// <summary>The messages themselves, the oldest first; of very many, the oldest.</summary>
    internal IReadOnlyList<DeadLetter> Letters { get; init; } = [];

    /// <summary>The different orders among them.</summary>
    internal IReadOnlySet<string> Orders { get; init; } = new HashSet<string>();

    /// <summary>What was learnt of their values, so that the next look need not ask again.</summary>
    internal IReadOnlyDictionary<string, CurrencyAmount> Values { get; init; } = new Dictionary<string, CurrencyAmount>();
}

/// <summary>All that was looked at.</summary>
/// <param name="At">When the first of them was looked at.</param>
/// <param name="AtRisk">The orders in the dead letters of all services; one may be in those of several.</param>
/// <param name="Services">Service by service.</param>
public sealed record DeadLetterLook(DateTimeOffset At, AtRisk AtRisk, IReadOnlyList<ServiceDeadLetters> Services);
