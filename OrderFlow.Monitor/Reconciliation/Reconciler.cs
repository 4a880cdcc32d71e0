using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Reconciliation;

/// <summary>
/// Checks for every event type at every consumer that published = handled + given up + in flight. The numbers come from sources some
/// seconds apart, so they only have to agree when the system is idle: nothing is in flight, and nothing has changed for longer than the
/// oldest number is old.
/// </summary>
internal sealed class Reconciler(
    StoredCounts stored, PrometheusCounts prometheus, ITap tap, MonitorInstruments instruments, IOptions<MonitorOptions> options,
    IOptions<MessagingOptions> messaging, TimeProvider time)
{
    private readonly Dictionary<(string Consumer, string EventType), long> _drifts = [];
    private string _figures = "";
    private DateTimeOffset _unchangedSince;
    private DateTimeOffset? _settledAt;

    /// <summary>The result of the last round.</summary>
    public ReconciliationView Last { get; private set; } = new(null, Settled: false, null, "Nothing was reconciled yet.", [], []);

    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var handled = await prometheus.HandledAsync(cancellationToken);
        var messages = await prometheus.MessagesAsync(cancellationToken);
        var (published, letters) = await stored.ReadAsync(cancellationToken);
        var queues = new List<ConsumerQueues>();
        foreach (var consumer in handled.Select(effect => effect.Consumer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var announced = letters.Where(letter => letter.Key.Consumer == consumer).Sum(letter => letter.Value.DeadLetters);
            queues.Add(await CountAsync(consumer, announced, messages, cancellationToken));
        }

        var unstored = await tap.WaitingAsync(cancellationToken);
        if (!tap.IsListening || unstored is null)
        {
            Fail("The broker does not answer.");
            return;
        }

        Settle(Rows(handled, published, letters), queues, isIdle: unstored == 0 && queues.All(queue => queue.InFlight == 0));
    }

    /// <summary>Records why a round could not be finished. The figures stay as they were, and are not settled.</summary>
    public void Fail(string problem)
    {
        _figures = "";
        Last = Last with { Settled = false, Problem = problem };
    }

    private static List<ReconciliationRow> Rows(
        IReadOnlyList<HandledCount> handled, Dictionary<string, long> published,
        Dictionary<(string Consumer, string EventType), DeadLetterCount> letters) =>
    [
        .. from effect in handled
           orderby effect.EventType, effect.Consumer
           let given = letters.GetValueOrDefault((effect.Consumer, effect.EventType))
           select new ReconciliationRow(
               effect.EventType, effect.Consumer, published.GetValueOrDefault(effect.EventType), effect.Count, given.DeadLetters,
               given.Discarded, Drift: null),
    ];

    private void Settle(List<ReconciliationRow> rows, List<ConsumerQueues> queues, bool isIdle)
    {
        var now = time.GetUtcNow();
        var figures = $"{isIdle} {string.Join('\n', rows)} {string.Join('\n', queues)}";
        if (figures != _figures)
        {
            (_figures, _unchangedSince) = (figures, now);
        }

        var settled = isIdle && rows.Count > 0 && now - _unchangedSince >= options.Value.ReconciliationRest;
        if (settled)
        {
            _settledAt = now;
            foreach (var row in rows)
            {
                _drifts[(row.Consumer, row.EventType)] = row.Outstanding;
                instruments.Drift(row.EventType, row.Consumer, row.Outstanding);
            }
        }

        Last = new ReconciliationView(
            now, settled, _settledAt, Problem: null,
            [.. rows.Select(row => row with { Drift = _drifts.TryGetValue((row.Consumer, row.EventType), out var drift) ? drift : null })],
            queues);
    }

    private async Task<ConsumerQueues> CountAsync(
        string consumer, long announced, IReadOnlyDictionary<string, long> messages, CancellationToken cancellationToken)
    {
        var names = ServiceQueues.Of(consumer, messaging.Value.RetryTiers);
        var waiting = 0L;
        foreach (var queue in names.Retries.Prepend(names.Own))
        {
            waiting += (await tap.CountAsync(queue, cancellationToken))?.Waiting ?? 0;
        }

        // Its partitions, too, and retry queues of other settings: all that is named after it.
        var held = messages
            .Where(
                queue =>
                    queue.Key != names.DeadLetters
                        && queue.Key != names.ParkingLot
                        && (queue.Key == consumer || queue.Key.StartsWith($"{consumer}.", StringComparison.Ordinal)))
            .Sum(queue => queue.Value);
        var dead = ((await tap.CountAsync(names.DeadLetters, cancellationToken))?.Total ?? 0)
            + ((await tap.CountAsync(names.ParkingLot, cancellationToken))?.Total ?? 0);
        return new ConsumerQueues(consumer, Math.Max(waiting, held), dead, Math.Max(0, dead - announced));
    }
}
