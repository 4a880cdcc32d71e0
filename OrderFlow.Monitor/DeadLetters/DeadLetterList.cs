using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// Looks at the dead letters of every service. A look takes each of them out and puts it back, so it is shared by all viewers, and the
/// longer it takes the longer it is kept.
/// </summary>
internal sealed class DeadLetterList(DeadLetterQueues queues, OrderValues orderValues, IOptions<MonitorOptions> options, TimeProvider time, ILogger<DeadLetterList> logger) : IDisposable
{
    /// <summary>Messages of a service that can be paged through.</summary>
    private const int MostLetters = 10_000;

    private const int RestPerWork = 20;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private DeadLetterLook? _last;
    private (long Since, TimeSpan Length) _fresh;
    private int _decided;
    private int _lookedAfter;

    public async Task<DeadLetterLook> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var decided = Volatile.Read(ref _decided);
            if (_last is null || _lookedAfter != decided || time.GetElapsedTime(_fresh.Since) >= _fresh.Length)
            {
                var began = time.GetTimestamp();
                _last = await LookAsync(cancellationToken);
                _lookedAfter = decided;
                var rest = time.GetElapsedTime(began) * RestPerWork;
                _fresh = (time.GetTimestamp(), rest > ShortestRest ? rest : ShortestRest);
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What was seen of one service; <see langword="null"/> when there is no such service.</summary>
    public async Task<ServiceDeadLetters?> ReadAsync(string service, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).Services.FirstOrDefault(one => one.Service == service);

    /// <summary>Something was decided: the next one to ask looks again.</summary>
    public void Forget() => Interlocked.Increment(ref _decided);

    public void Dispose() => _gate.Dispose();

    private async Task<DeadLetterLook> LookAsync(CancellationToken cancellationToken)
    {
        var services = new List<ServiceDeadLetters>();
        foreach (var service in options.Value.Services)
        {
            services.Add(await LookAsync(service, _last?.Services.FirstOrDefault(one => one.Service == service), cancellationToken));
        }

        var values = services.SelectMany(service => service.Values).DistinctBy(value => value.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return new DeadLetterLook(services.Min(service => service.At), AtRisk.Of(services.SelectMany(service => service.Orders).ToHashSet(StringComparer.Ordinal), values), services);
    }

    private async Task<ServiceDeadLetters> LookAsync(string service, ServiceDeadLetters? before, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        var letters = new List<DeadLetter>();
        var groups = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var values = new Dictionary<string, CurrencyAmount>(StringComparer.Ordinal);
        DeadLetterListing? listing;
        DeadLetterSafetyReport safety;
        try
        {
            safety = await queues.CheckAsync(service, cancellationToken);
            (var looked, listing) = await queues.TryTakeTurnAsync(service, Patience, () => queues.Replay.ListAsync(service, cancellationToken, Begin), cancellationToken);
            if (!looked)
            {
                // A replay may take its time; until then what was there before it is shown.
                return before ?? Unseen("A replay or a discard has this queue at the moment. It is looked at as soon as that is through.");
            }
        }
        catch (ReplayException exception)
        {
            return Unseen(exception.Message);
        }
#pragma warning disable CA1031 // What is wrong with the queue of one service must not hide those of the others.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.DeadLettersNotRead(logger, service, exception);
            return Unseen("The dead letters could not be read; the Monitor's log says why.");
        }

        var orders = groups.Values.SelectMany(group => group).ToHashSet(StringComparer.Ordinal);
        foreach (var (order, value) in await StoredAsync(orders.Where(order => !values.ContainsKey(order)), cancellationToken))
        {
            values.Add(order, value);
        }

        return new ServiceDeadLetters(
            service, at, listing, AtRisk.Of(orders, values), groups.ToDictionary(group => group.Key, group => AtRisk.Of(group.Value, values), StringComparer.Ordinal), Problem: null)
        {
            Warning = safety.Warning,
            Parked = safety.Parked,
            Letters = letters,
            Orders = orders,
            Values = values,
        };

        Action<DeadLetter, ReadOnlyMemory<byte>> Begin()
        {
            letters.Clear();
            groups.Clear();
            return See;
        }

        ServiceDeadLetters Unseen(string problem) => new(service, at, Listing: null, AtRisk: null, GroupsAtRisk: null, problem);

        void See(DeadLetter letter, ReadOnlyMemory<byte> body)
        {
            if (letters.Count < MostLetters)
            {
                letters.Add(letter);
            }

            if (letter.AggregateId is { Length: > 0 } order)
            {
                (groups.TryGetValue(letter.Key.Id, out var known) ? known : groups[letter.Key.Id] = new(StringComparer.Ordinal)).Add(order);
                if (!values.ContainsKey(order) && (before?.Values.GetValueOrDefault(order) ?? OrderValues.Of(letter.EventType, letter.EventVersion ?? 1, body.Span)) is { } value)
                {
                    values.Add(order, value);
                }
            }
        }
    }

    /// <summary>Without a database the dead letters are shown all the same, only not what they are worth.</summary>
    private async Task<IReadOnlyDictionary<string, CurrencyAmount>> StoredAsync(IEnumerable<string> orders, CancellationToken cancellationToken)
    {
        try
        {
            return await orderValues.ReadAsync(orders, cancellationToken);
        }
        catch (Exception exception) when (Api.IsUnavailable(exception))
        {
            Log.NotRead(logger, exception);
            return new Dictionary<string, CurrencyAmount>(StringComparer.Ordinal);
        }
    }
}
