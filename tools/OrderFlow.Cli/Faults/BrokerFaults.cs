using System.Net;
using System.Net.Http.Json;
using OrderFlow.AppHost;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;

namespace OrderFlow.Cli.Faults;

/// <summary>
/// Faults that go through the broker's management or its data. What lies in a queue that is deleted is gone with it, whoever wrote it; the
/// promise is about what is accepted while the queue is missing. So customers are held back until the broker is empty, and come back the
/// moment that the queue is gone.
/// </summary>
internal sealed class BrokerFaults(
    HttpClient management,
    BrokerTopology topology,
    InFlightMessages inFlight,
    TrafficGate gate,
    DeadLetterReader letters,
    ReturningConsumer returningConsumer,
    SystemProcesses processes,
    int replicas,
    CustomerLedger ledger,
    string runDirectory,
    TimeProvider time)
{
    private const string Policies = "/api/policies/%2F";
    private const string Policy = "chaos-delivery-limit";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly List<DeadLetter> _wiped = [];
    private readonly List<string> _notes = [];

    /// <summary>Dead letters that went with the broker's data, each read before.</summary>
    public IReadOnlyList<DeadLetter> Wiped => _wiped;

    /// <summary>What each fault was like, for people.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Deletes the service's queues while its processes stand still, so that they stay away for a while.</summary>
    /// <returns>Whether it happened.</returns>
    public Task<bool> DeleteQueuesAsync(Fault fault, CancellationToken stop) => WithEmptyBrokerAsync(
        fault,
        async () =>
        {
            var queues = topology.QueuesOf(fault.Resource).ToArray();
            var consumers = Enumerable.Range(0, replicas)
                .Select(replica => processes.Find(fault.Resource, replica)?.Identity)
                .OfType<ProcessIdentity>()
                .ToList();
            consumers.ForEach(consumer => consumer.Signal(Signals.Stop));
            try
            {
                foreach (var queue in queues)
                {
                    using var deleted = await management.DeleteAsync(
                        new Uri($"/api/queues/%2F/{queue}", UriKind.Relative), CancellationToken.None);
                    deleted.EnsureSuccessStatusCode();
                }

                ComeBack();
                await Task.Delay(fault.Hold, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                consumers.ForEach(consumer => consumer.Signal(Signals.Continue));
            }

            return queues;
        },
        stop);

    /// <summary>Kills the broker and takes its data away, dead letters and topology with it.</summary>
    /// <returns>Whether it happened.</returns>
    public Task<bool> WipeAsync(Fault fault, ProcessIdentity broker, CancellationToken stop) => WithEmptyBrokerAsync(
        fault,
        async () =>
        {
            var read = await letters.ReadAsync(topology.DeadLetterQueues, TimeSpan.Zero, stop);
            // The supervisor starts the broker again as soon as it has ended: its data goes while it stands still.
            processes.Expect(broker);
            broker.Signal(Signals.Stop);
            try
            {
                Directory.Delete(Path.Combine(runDirectory, ResourceNames.Messaging, "data"), recursive: true);
            }
            finally
            {
                broker.Signal(Signals.Kill);
            }

            _wiped.AddRange(read.Select(letter => letter with { IsWiped = true }));
            ComeBack();
            return topology.ServiceQueues;
        },
        stop);

    /// <summary>A policy of the operator's for every queue, for a while, in which a consumer gives back what it takes.</summary>
    /// <returns>Whether it happened.</returns>
    public async Task<bool> LimitDeliveriesAsync(Fault fault, CancellationToken stop)
    {
        // Another fault may take the broker away at any moment; with its data the policy would be gone, too.
        var uri = new Uri($"{Policies}/{Policy}", UriKind.Relative);
        var policy = new Dictionary<string, object>
        {
            ["pattern"] = ".*",
            ["definition"] = new Dictionary<string, int> { ["delivery-limit"] = fault.DeliveryLimit },
            ["apply-to"] = "queues",
        };
        var isSet = await UntilAsync(async () =>
        {
            using var set = await management.PutAsJsonAsync(uri, policy, CancellationToken.None);
            return set.IsSuccessStatusCode;
        });
        if (!isSet)
        {
            _notes.Add($"{fault.Name} ({fault.Resource}) was left out: the broker took no policy for {Patience.TotalSeconds:0} s");
            return false;
        }

        using (var over = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            over.CancelAfter(fault.Hold);
            await returningConsumer.RunAsync(over.Token);
        }

        var isRemoved = await UntilAsync(async () =>
        {
            using var removed = await management.DeleteAsync(uri, CancellationToken.None);
            return removed.IsSuccessStatusCode || removed.StatusCode == HttpStatusCode.NotFound;
        });
        if (!isRemoved)
        {
            _notes.Add(
                $"{fault.Name} ({fault.Resource}): its policy '{Policy}' may still be there, since the broker did not answer for "
                + $"{Patience.TotalSeconds:0} s");
        }

        return true;
    }

    private async Task<bool> WithEmptyBrokerAsync(Fault fault, Func<Task<IReadOnlyList<string>>> cause, CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        try
        {
            var closed = gate.CloseAsync();
            await Task.WhenAny(closed, Task.Delay(Patience, time, stop));
            ledger.End();
            if ((closed.IsCompleted ? await inFlight.WaitUntilEmptyAsync(Patience, time, stop) : "requests are under way") is { } obstacle)
            {
                _notes.Add($"{fault.Name} ({fault.Resource}) was left out: after {Seconds(begin)} {obstacle}");
                return false;
            }

            // No order is accepted before the gate opens.
            var (held, accepted, wiped) = (time.GetTimestamp(), ledger.Accepted, _wiped.Count);
            var queues = await cause();
            await UntilAsync(() => AreThereAsync(queues));
            _notes.Add(
                $"{fault.Name} ({fault.Resource}): the broker was empty after {time.GetElapsedTime(begin, held).TotalSeconds:0.0} s, "
                + $"and whole again {Seconds(held)} later; {ledger.Accepted - accepted} orders were accepted in between"
                + (fault.Kind == FaultKind.Wipe ? $"; {_wiped.Count - wiped} dead letters went with it, all read before" : ""));
            return true;
        }
        catch (Exception exception) when (TransientErrors.OfSystem(exception))
        {
            _notes.Add($"{fault.Name} ({fault.Resource}) was left out: {exception.Message}");
            return false;
        }
        finally
        {
            ComeBack();
        }
    }

    /// <summary>Customers and everything else that was held back.</summary>
    private void ComeBack()
    {
        if (gate.IsClosed)
        {
            ledger.Begin();
            gate.Open();
        }
    }

    private async Task<bool> AreThereAsync(IReadOnlyList<string> queues) =>
        await BrokerTopology.DepthsAsync(management, CancellationToken.None) is var depths && queues.All(depths.ContainsKey);

    private async Task<bool> UntilAsync(Func<Task<bool>> isSo)
    {
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < Patience)
        {
            try
            {
                if (await isSo())
                {
                    return true;
                }
            }
            catch (Exception exception) when (TransientErrors.OfSystem(exception))
            {
                // It does not answer yet.
            }

            await Task.Delay(LookEvery, time, CancellationToken.None);
        }

        return false;
    }

    private string Seconds(long since) => $"{time.GetElapsedTime(since).TotalSeconds:0.0} s";
}
