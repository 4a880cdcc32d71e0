using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// Lists the dead letters of every service. To list a queue is to take every message out and put it back, so the result is shared by all
/// viewers, and the longer it takes the longer it is kept.
/// </summary>
internal sealed class DeadLetterList(
    DeadLetterQueues queues,
    OrderValues orderValues,
    IOptions<MonitorOptions> options,
    TimeProvider time,
    ILogger<DeadLetterList> logger) : IDisposable
{
    /// <summary>Messages of a service that can be paged through.</summary>
    private const int MostLetters = 10_000;

    private const int FreshnessPerWork = 20;
    private static readonly TimeSpan ShortestFreshness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private DeadLetterOverview? _last;
    private (long Since, TimeSpan Length) _fresh;
    private int _version;
    private int _listedVersion;

    public async Task<DeadLetterOverview> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var version = Volatile.Read(ref _version);
            if (_last is null || _listedVersion != version || time.GetElapsedTime(_fresh.Since) >= _fresh.Length)
            {
                var began = time.GetTimestamp();
                _last = await CollectAsync(cancellationToken);
                _listedVersion = version;
                var freshness = time.GetElapsedTime(began) * FreshnessPerWork;
                _fresh = (time.GetTimestamp(), freshness > ShortestFreshness ? freshness : ShortestFreshness);
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The dead letters of one service; <see langword="null"/> when there is no such service.</summary>
    public async Task<ServiceDeadLetters?> ReadAsync(string service, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).Services.FirstOrDefault(one => one.Service == service);

    /// <summary>Drops the shared result after a decision: the next call lists again.</summary>
    public void Invalidate() => Interlocked.Increment(ref _version);

    public void Dispose() => _gate.Dispose();

    private async Task<DeadLetterOverview> CollectAsync(CancellationToken cancellationToken)
    {
        var services = new List<ServiceDeadLetters>();
        foreach (var service in options.Value.Services)
        {
            services.Add(await CollectAsync(service, _last?.Services.FirstOrDefault(one => one.Service == service), cancellationToken));
        }

        var values = services
            .SelectMany(service => service.Values)
            .DistinctBy(value => value.Key, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        return new DeadLetterOverview(
            services.Min(service => service.At),
            OrdersAtRisk.Of(services.SelectMany(service => service.Orders).ToHashSet(StringComparer.Ordinal), values),
            services);
    }

    private async Task<ServiceDeadLetters> CollectAsync(string service, ServiceDeadLetters? before, CancellationToken cancellationToken)
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
            (var hadTurn, listing) = await queues
                .TryTakeTurnAsync(service, Patience, () => queues.Replay.ListAsync(service, cancellationToken, Begin), cancellationToken);
            if (!hadTurn)
            {
                // A replay may take its time; until then the result from before it is shown.
                return before
                    ?? Unavailable("A replay or a discard has this queue at the moment. It is listed as soon as that is through.");
            }
        }
        catch (ReplayException exception)
        {
            return Unavailable(exception.Message);
        }
#pragma warning disable CA1031 // What is wrong with the queue of one service must not hide those of the others.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.DeadLettersNotRead(logger, service, exception);
            return Unavailable("The dead letters could not be read; the Monitor's log says why.");
        }

        var orders = groups.Values.SelectMany(group => group).ToHashSet(StringComparer.Ordinal);
        foreach (var (order, value) in await StoredAsync(orders.Where(order => !values.ContainsKey(order)), cancellationToken))
        {
            values.Add(order, value);
        }

        return new ServiceDeadLetters(
            service, at, listing, OrdersAtRisk.Of(orders, values),
            groups.ToDictionary(group => group.Key, group => OrdersAtRisk.Of(group.Value, values), StringComparer.Ordinal), Problem: null)
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
            return Add;
        }

        ServiceDeadLetters Unavailable(string problem) => new(service, at, Listing: null, AtRisk: null, GroupsAtRisk: null, problem);

        void Add(DeadLetter letter, ReadOnlyMemory<byte> body)
        {
            if (letters.Count < MostLetters)
            {
                letters.Add(letter);
            }

            if (letter.AggregateId is { Length: > 0 } order)
            {
                (groups.TryGetValue(letter.Key.Id, out var known) ? known : groups[letter.Key.Id] = new(StringComparer.Ordinal))
                    .Add(order);
                if (!values.ContainsKey(order)
                    && (
                        before?.Values.GetValueOrDefault(order)
                            ?? OrderValues.Of(letter.EventType, letter.EventVersion ?? 1, body.Span)) is { } value)
                {
                    values.Add(order, value);
                }
            }
        }
    }

    /// <summary>Without a database the dead letters are shown all the same, only not what they are worth.</summary>
    private async Task<IReadOnlyDictionary<string, CurrencyAmount>> StoredAsync(
        IEnumerable<string> orders, CancellationToken cancellationToken)
    {
        try
        {
            return await orderValues.ReadAsync(orders, cancellationToken);
        }
        catch (Exception exception) when (StorageFault.IsUnavailable(exception))
        {
            Log.DatabaseUnavailable(logger, exception);
            return new Dictionary<string, CurrencyAmount>(StringComparer.Ordinal);
        }
    }
}
