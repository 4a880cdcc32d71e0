using System.Text.Json;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// Whether anything at the broker can take dead letters away without anybody's decision: a policy, for the queue's own arguments cannot.
/// Asked from the management API.
/// </summary>
/// <param name="connections">Names the broker's user and virtual host.</param>
/// <param name="management">Address of the management API; without it nothing is known, and so nothing is warned of.</param>
/// <param name="time">Says how old an answer is.</param>
public sealed class DeadLetterSafety(IConnectionFactory connections, Uri? management, TimeProvider time) : IDisposable
{
    /// <summary>A look is a delivery, the write after it is none: with fewer, the broker moves away what is looked at twice.</summary>
    private const int LowestDeliveryLimit = 2;

    private readonly BrokerManagement? _broker = BrokerManagement.For(management, connections, time);

    /// <summary>Looks at the policies of a service's dead-letter queue and of its parking lot.</summary>
    public async Task<DeadLetterSafetyReport> CheckAsync(string service, CancellationToken cancellationToken)
    {
        if (_broker is null)
        {
            return new DeadLetterSafetyReport(Parked: 0, Warning: null, MayLook: true);
        }

        try
        {
            var (letters, parking) = (ServiceTopology.DeadLetterQueueOf(service), ServiceTopology.ParkingLotOf(service));
            var warnings = new List<string>();
            var mayLook = true;
            foreach (var policy in await _broker.PoliciesOfAsync(letters, cancellationToken))
            {
                foreach (var (key, value) in policy.Definition)
                {
                    warnings.AddRange(DangerOf(letters, policy.Name, key, value, parking));
                    mayLook &= key != "delivery-limit" || !IsBelow(value, LowestDeliveryLimit);
                }
            }

            foreach (var policy in await _broker.PoliciesOfAsync(parking, cancellationToken))
            {
                warnings.AddRange(
                    policy.Definition
                        .Where(one => one.Key is "message-ttl" or "expires")
                        .Select(one => $"Policy '{policy.Name}' of {parking} ({one.Key}: {one.Value}) drops what is there."));
            }

            var parked = (await _broker.QueuesAsync(cancellationToken)).GetValueOrDefault(parking)?.Messages ?? 0;
            return new DeadLetterSafetyReport(parked, warnings.Count == 0 ? null : string.Join(' ', warnings), mayLook);
        }
        catch (Exception exception) when (
            exception is HttpRequestException or JsonException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Nothing is dropped unseen all the same: what the broker takes away lies in the parking lot.
            return new DeadLetterSafetyReport(
                Parked: 0,
                $"The broker's management API does not answer ({exception.Message.TrimEnd('.')}): "
                + "whether a policy takes dead letters away is not known.",
                MayLook: true);
        }
    }

    public void Dispose() => _broker?.Dispose();

    private static IEnumerable<string> DangerOf(string queue, string policy, string key, JsonElement value, string parking)
    {
        var subject = $"Policy '{policy}' of {queue} ({key}: {value})";
        return key switch
        {
            "delivery-limit" when IsBelow(value, LowestDeliveryLimit) =>
            [
                $"{subject} lets the broker take away what is looked at twice. Raise it to {LowestDeliveryLimit} or more, "
                + $"or except {queue} from it; until then the queue is not looked at.",
            ],
            "expires" =>
                [$"{subject} deletes the queue with everything in it when nobody looks at it for so long. Except {queue} from it."],
            "message-ttl" => [$"{subject} takes dead letters away after so many milliseconds, to {parking}. Except {queue} from it."],
            "max-length" or "max-length-bytes" =>
            [
                $"{subject} refuses dead letters when the queue is full, and its service waits until there is room. "
                + $"Except {queue} from it.",
            ],
            _ => [],
        };
    }

    private static bool IsBelow(JsonElement value, int least) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number < least;
}

/// <summary>What is known of a dead-letter queue beside its messages.</summary>
/// <param name="Parked">Messages in the parking lot behind it.</param>
/// <param name="Warning">What may take dead letters away, and what to do about it.</param>
/// <param name="MayLook">Whether the queue may be looked at without losing its place in it.</param>
public sealed record DeadLetterSafetyReport(long Parked, string? Warning, bool MayLook);
