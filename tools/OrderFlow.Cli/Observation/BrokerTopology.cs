using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrderFlow.Cli.Connections;
using OrderFlow.Messaging.Topology;

namespace OrderFlow.Cli.Observation;

/// <summary>
/// The queues of the running system and the ways to them, asked from the broker's management API: nothing is assumed that a service may
/// declare otherwise.
/// </summary>
internal sealed record BrokerTopology
{
    private const string RetryInfix = ".retry.";
    private const string TapSuffix = ".tap";
    private static readonly string UndeliveredSuffix = ServiceTopology.UndeliveredQueueOf("");
    private static readonly string DeadLetterSuffix = ServiceTopology.DeadLetterQueueOf("");
    private static readonly string ParkingLotSuffix = ServiceTopology.ParkingLotOf("");

    /// <summary>Queues that services consume.</summary>
    public required IReadOnlyList<string> ServiceQueues { get; init; }

    /// <summary>Queues where messages wait for another try.</summary>
    public required IReadOnlyList<string> RetryQueues { get; init; }

    /// <summary>Queues of what the broker itself took out of a service's queue, for the service to make dead letters of it.</summary>
    public required IReadOnlyList<string> UndeliveredQueues { get; init; }

    /// <summary>The queues in which dead letters wait for an operator, parking lots among them.</summary>
    public required IReadOnlyList<string> DeadLetterQueues { get; init; }

    /// <summary>The Monitor's queue, which gets a copy of everything.</summary>
    public required string TapQueue { get; init; }

    /// <summary>Where the broker brings an event to, by exchange and routing key: a queue, or an exchange that divides further.</summary>
    public required ILookup<(string Exchange, string RoutingKey), Destination> Routes { get; init; }

    /// <summary>
    /// Where the dead letters of each service queue are: in the dead-letter queue first, then in the parking lot behind it.
    /// </summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> DeadLettersOf { get; init; }

    /// <summary>The queues that a service consumes.</summary>
    public IEnumerable<string> QueuesOf(string service) =>
        ServiceQueues.Where(queue => queue == service || queue.StartsWith($"{service}.", StringComparison.Ordinal));

    public static async Task<BrokerTopology> ReadAsync(HttpClient management, CancellationToken cancellationToken)
    {
        var queues = await GetAsync(management, "/api/queues/%2F", cancellationToken);
        var bindings = await GetAsync(management, "/api/bindings/%2F", cancellationToken);
        return Of(queues, bindings);
    }

    /// <param name="queues">What the management API says of them.</param>
    /// <param name="bindings">The same.</param>
    public static BrokerTopology Of(JsonElement queues, JsonElement bindings)
    {
        // Where the broker brings what it takes out of each queue.
        var next = queues.EnumerateArray().ToDictionary(queue => Text(queue, "name"), NextQueue, StringComparer.Ordinal);
        string[] undelivered = [.. next.Keys.Where(name => name.EndsWith(UndeliveredSuffix, StringComparison.Ordinal))];
        string[] services =
        [
            .. next.Where(queue => queue.Value is not null && undelivered.Contains(queue.Value)).Select(queue => queue.Key),
        ];
        var bound = bindings.EnumerateArray().Where(binding => Text(binding, "source").Length > 0).ToArray();
        return new BrokerTopology
        {
            ServiceQueues = services,
            RetryQueues = [.. next.Keys.Where(name => name.Contains(RetryInfix, StringComparison.Ordinal))],
            UndeliveredQueues = undelivered,
            DeadLetterQueues = [.. next.Keys.Where(HoldsDeadLetters)],
            TapQueue = next.Keys.Single(name => name.EndsWith(TapSuffix, StringComparison.Ordinal)),
            DeadLettersOf = services.ToDictionary(
                queue => queue, IReadOnlyList<string> (queue) => [.. Behind(queue).Where(HoldsDeadLetters)], StringComparer.Ordinal),
            Routes = bound.ToLookup(
                binding => (Text(binding, "source"), Text(binding, "routing_key")),
                binding => new Destination(Text(binding, "destination"), Text(binding, "destination_type") == "queue")),
        };

        IEnumerable<string> Behind(string queue)
        {
            for (var name = next[queue]; name is not null; name = next.GetValueOrDefault(name))
            {
                yield return name;
            }
        }
    }

    /// <summary>Messages in each queue, those at a consumer included.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> DepthsAsync(HttpClient management, CancellationToken cancellationToken) =>
        (await GetAsync(management, "/api/queues/%2F?columns=name,messages", cancellationToken)).EnumerateArray()
            .ToDictionary(
                queue => Text(queue, "name"),
                queue => queue.TryGetProperty("messages", out var count) ? count.GetInt64() : 0,
                StringComparer.Ordinal);

    public static HttpClient CreateClient(Uri management, Uri broker)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(broker.UserInfo)));
        return new HttpClient
        {
            BaseAddress = management,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
            Timeout = TimeSpan.FromSeconds(10),
        };
    }

    private static bool HoldsDeadLetters(string name) =>
        name.EndsWith(DeadLetterSuffix, StringComparison.Ordinal) || name.EndsWith(ParkingLotSuffix, StringComparison.Ordinal);

    private static string? NextQueue(JsonElement queue) =>
        queue.TryGetProperty("arguments", out var arguments) && arguments.TryGetProperty("x-dead-letter-routing-key", out var key)
            ? key.GetString()
            : null;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static async Task<JsonElement> GetAsync(HttpClient management, string path, CancellationToken cancellationToken)
    {
        await using var answer = await management.GetStreamAsync(new Uri(path, UriKind.Relative), cancellationToken);
        using var document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }
}
