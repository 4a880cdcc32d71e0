using OrderFlow.AppHost;

namespace OrderFlow.Cli.Faults;

/// <summary>Which faults happen when; follows from the seed alone.</summary>
internal static class FaultPlan
{
    private const int OneRareIn = 50;

    private static readonly TimeSpan ShortestFreeze = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongFreeze = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPolicy = TimeSpan.FromSeconds(30);

    /// <summary>So long a deleted queue stays away at most because its service stands still.</summary>
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What a fault has for itself that must be alone: the broker becomes empty, it happens, and queues are there again.
    /// </summary>
    public static readonly TimeSpan LongestSolitude = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestLead = TimeSpan.FromSeconds(5);

    private static readonly FaultKind[] OfServices = [FaultKind.Kill, FaultKind.Freeze, FaultKind.Restart];

    private static readonly (FaultKind Kind, string Resource)[] Infrastructure =
    [
        (FaultKind.Kill, ResourceNames.Messaging), (FaultKind.Freeze, ResourceNames.Messaging),
        (FaultKind.Kill, ResourceNames.Postgres), (FaultKind.Freeze, ResourceNames.Postgres),
    ];

#pragma warning disable CA5394 // The same faults for the same seed.
    /// <summary>
    /// Faults evenly spread over the duration, each at a random moment of its share: what goes well with an even rhythm may not go well
    /// without one.
    /// </summary>
    /// <param name="services">The services that have faults beside broker and database.</param>
    /// <param name="consumers">Those of them whose queue can be deleted.</param>
    /// <param name="replicas">Processes of each.</param>
    /// <param name="count">How many faults.</param>
    /// <param name="kinds">Of which kinds.</param>
    /// <param name="duration">How long the load lasts; the last tenth has no fault.</param>
    /// <param name="seed">What everything is drawn from.</param>
    public static IReadOnlyList<Fault> Make(
        IReadOnlyList<string> services, IReadOnlyList<string> consumers, int replicas, int count, IReadOnlyCollection<FaultKind> kinds,
        TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var common = Common(services, replicas, kinds);
        var rare = DrawRare(consumers, CountRare(count, common, kinds, services), kinds, random);
        var drawn = Draw(common, services, count - rare.Count, random).Concat(rare).ToArray();
        random.Shuffle(drawn);
        return
        [
            .. Times(drawn, duration, random).Select(
                (at, n) => new Fault(at, drawn[n].Kind, drawn[n].Resource, drawn[n].Replica, Hold(drawn[n].Kind, duration, random))),
        ];
    }

    private static TimeSpan Hold(FaultKind kind, TimeSpan duration, Random random) => kind switch
    {
        FaultKind.Freeze => ShortestFreeze + ((LongestFreeze - ShortestFreeze) * random.NextDouble()),
        FaultKind.LongFreeze => LongFreeze,
        FaultKind.DeliveryLimit => duration * 0.25 < LongestPolicy ? duration * 0.25 : LongestPolicy,
        FaultKind.QueueDeletion => LongestAbsence * random.NextDouble(),
        _ => TimeSpan.Zero,
    };

    /// <summary>Those that must be alone get a span of time each, the others share the rest.</summary>
    private static TimeSpan[] Times((FaultKind Kind, string Resource, int Replica)[] drawn, TimeSpan duration, Random random)
    {
        var lead = duration * 0.05 < LongestLead ? duration * 0.05 : LongestLead;
        var span = duration * 0.9 - lead;
        var alone = drawn.Count(fault => FaultKinds.IsAlone(fault.Kind));
        var others = drawn.Length - alone;
        var solitude = alone == 0 ? TimeSpan.Zero : span / (others == 0 ? 1 : 2) / alone;
        solitude = solitude < LongestSolitude ? solitude : LongestSolitude;
        var share = others == 0 ? TimeSpan.Zero : (span - (solitude * alone)) / others;
        var next = lead;
        return [.. drawn.Select(fault => Next(FaultKinds.IsAlone(fault.Kind)))];

        TimeSpan Next(bool isAlone)
        {
            var begin = next;
            next += isAlone ? solitude : share;
            return isAlone ? begin : begin + (share * random.NextDouble());
        }
    }

    private static (FaultKind Kind, string Resource, int Replica)[] Common(
        IReadOnlyList<string> services, int replicas, IReadOnlyCollection<FaultKind> kinds) =>
    [
        .. services
            .SelectMany(
                service => Enumerable.Range(0, replicas)
                    .SelectMany(replica => OfServices.Select(kind => (Kind: kind, Resource: service, Replica: replica))))
            .Concat(Infrastructure.Select(fault => (fault.Kind, fault.Resource, Replica: 0)))
            .Where(fault => kinds.Contains(fault.Kind)),
    ];

    /// <summary>At least one of each kind, once there is one of each that is not rare; of rare kinds alone, all.</summary>
    private static int CountRare(
        int count,
        (FaultKind Kind, string Resource, int Replica)[] common,
        IReadOnlyCollection<FaultKind> kinds, IReadOnlyList<string> services) =>
        common.Length == 0
            ? count
            : Math.Clamp(
                kinds.Count(FaultKinds.IsRare) * Math.Max(1, count / OneRareIn),
                0,
                Math.Max(0, count - common.Count(fault => IsFirstOfItsKind(common, fault, services))));

    private static List<(FaultKind Kind, string Resource, int Replica)> DrawRare(
        IReadOnlyList<string> consumers, int count, IReadOnlyCollection<FaultKind> kinds, Random random)
    {
        var rare = kinds.Where(FaultKinds.IsRare).Order().ToArray();
        var queues = consumers.ToArray();
        random.Shuffle(rare);
        random.Shuffle(queues);
        List<(FaultKind Kind, string Resource, int Replica)> drawn = [];
        for (var n = 0; n < count && rare.Length > 0; n++)
        {
            var (kind, round) = (rare[n % rare.Length], n / rare.Length);
            drawn.Add(kind switch
            {
                FaultKind.QueueDeletion => (kind, queues[round % queues.Length], 0),
                FaultKind.DeliveryLimit => (kind, ResourceNames.Messaging, round % 2),
                _ => (kind, ResourceNames.Messaging, 0),
            });
        }

        return drawn;
    }

    /// <summary>
    /// Every fault of every process once, in random order, and again until there are enough; of few faults, one of each kind first.
    /// </summary>
    private static IEnumerable<(FaultKind Kind, string Resource, int Replica)> Draw(
        (FaultKind Kind, string Resource, int Replica)[] common, IReadOnlyList<string> services, int count, Random random)
    {
        List<(FaultKind Kind, string Resource, int Replica)> drawn = [];
        while (drawn.Count < count && common.Length > 0)
        {
            random.Shuffle(common);
            drawn.AddRange(common.OrderBy(fault => IsFirstOfItsKind(common, fault, services) ? 0 : 1));
        }

        return drawn.Take(count);
    }

    private static bool IsFirstOfItsKind(
        (FaultKind Kind, string Resource, int Replica)[] all,
        (FaultKind Kind, string Resource, int Replica) fault,
        IReadOnlyList<string> services) =>
        !services.Contains(fault.Resource) || all.First(other => other.Kind == fault.Kind && services.Contains(other.Resource)) == fault;
#pragma warning restore CA5394
}
