using OrderFlow.AppHost;

namespace OrderFlow.Chaos.CauseFaults;

/// <summary>Which faults happen when; follows from the seed alone.</summary>
internal static class FaultPlan
{
    private static readonly TimeSpan ShortestFreeze = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestLead = TimeSpan.FromSeconds(5);

    private static readonly (FaultKind Kind, string Resource)[] Infrastructure =
    [
        (FaultKind.Kill, ResourceNames.Messaging), (FaultKind.Freeze, ResourceNames.Messaging),
        (FaultKind.Kill, ResourceNames.Postgres), (FaultKind.Freeze, ResourceNames.Postgres),
    ];

    /// <summary>Faults evenly spread over the duration, each at a random moment of its share: what goes well with an even rhythm may not go well without one.</summary>
    /// <param name="services">The services that have faults beside broker and database.</param>
    /// <param name="replicas">Processes of each.</param>
    /// <param name="count">How many faults.</param>
    /// <param name="duration">How long the load lasts; the last tenth has no fault.</param>
    /// <param name="seed">What everything is drawn from.</param>
    public static IReadOnlyList<Fault> Make(IReadOnlyList<string> services, int replicas, int count, TimeSpan duration, int seed)
    {
#pragma warning disable CA5394 // The same faults for the same seed.
        var random = new Random(seed);
        var drawn = Draw(services, replicas, count, random);
        var lead = duration * 0.05 < LongestLead ? duration * 0.05 : LongestLead;
        var span = duration * 0.9 - lead;
        return
        [
            .. drawn.Select((what, n) => new Fault(
                lead + (span * ((n + random.NextDouble()) / count)),
                what.Kind,
                what.Resource,
                what.Replica,
                what.Kind == FaultKind.Freeze ? ShortestFreeze + ((LongestFreeze - ShortestFreeze) * random.NextDouble()) : TimeSpan.Zero)),
        ];
#pragma warning restore CA5394
    }

    /// <summary>Every fault of every process once, in random order, and again until there are enough; of few faults, one of each kind first.</summary>
    private static (FaultKind Kind, string Resource, int Replica)[] Draw(IReadOnlyList<string> services, int replicas, int count, Random random)
    {
        var all = services
            .SelectMany(service => Enumerable.Range(0, replicas).SelectMany(replica => Enum.GetValues<FaultKind>().Select(kind => (Kind: kind, Resource: service, Replica: replica))))
            .Concat(Infrastructure.Select(fault => (fault.Kind, fault.Resource, Replica: 0)))
            .ToArray();
        List<(FaultKind Kind, string Resource, int Replica)> drawn = [];
        while (drawn.Count < count)
        {
            random.Shuffle(all);
            drawn.AddRange(all.OrderBy(fault => IsFirstOfItsKind(all, fault, services) ? 0 : 1));
        }

        var taken = drawn.Take(count).ToArray();
        random.Shuffle(taken);
        return taken;
    }

    private static bool IsFirstOfItsKind((FaultKind Kind, string Resource, int Replica)[] all, (FaultKind Kind, string Resource, int Replica) fault, IReadOnlyList<string> services) =>
        !services.Contains(fault.Resource) || all.First(other => other.Kind == fault.Kind && services.Contains(other.Resource)) == fault;
}
