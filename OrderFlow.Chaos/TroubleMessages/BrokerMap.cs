using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OrderFlow.Chaos.TroubleMessages;

/// <summary>The queues of the running system and the ways to them, asked from the broker's management API: nothing is assumed that a service may declare otherwise.</summary>
internal sealed record BrokerMap
{
    private const string DeadLetterSuffix = ".dead-letters";
    private const string RetryInfix = ".retry.";
    private const string TapSuffix = ".tap";

    /// <summary>Queues that services consume.</summary>
    public required IReadOnlyList<string> ServiceQueues { get; init; }

    /// <summary>Queues where messages wait for another try.</summary>
    public required IReadOnlyList<string> RetryQueues { get; init; }

    public required IReadOnlyList<string> DeadLetterQueues { get; init; }

    /// <summary>The Monitor's queue, which gets a copy of everything.</summary>
    public required string TapQueue { get; init; }

    /// <summary>Topic exchanges with events.</summary>
    public required IReadOnlyList<string> EventExchanges { get; init; }

    /// <summary>Where the broker brings an event to, by exchange and routing key: a queue, or an exchange that divides further.</summary>
    public required ILookup<(string Exchange, string RoutingKey), Destination> Routes { get; init; }

    /// <summary>The dead-letter queue of each service queue.</summary>
    public required IReadOnlyDictionary<string, string> DeadLettersOf { get; init; }

    public static async Task<BrokerMap> ReadAsync(HttpClient management, CancellationToken cancellationToken)
    {
        var queues = await GetAsync(management, "/api/queues/%2F", cancellationToken);
        var bindings = await GetAsync(management, "/api/bindings/%2F", cancellationToken);
        var named = queues.EnumerateArray().Select(queue => (Name: Text(queue, "name"), DeadLetters: DeadLetterQueue(queue))).ToArray();
        string[] dead = [.. named.Select(queue => queue.Name).Where(name => name.EndsWith(DeadLetterSuffix, StringComparison.Ordinal))];
        string[] retries = [.. named.Select(queue => queue.Name).Where(name => name.Contains(RetryInfix, StringComparison.Ordinal))];
        var services = named.Where(queue => queue.DeadLetters is not null && dead.Contains(queue.DeadLetters) && !retries.Contains(queue.Name)).ToArray();
        var bound = bindings.EnumerateArray().Where(binding => Text(binding, "source").Length > 0).ToArray();
        return new BrokerMap
        {
            ServiceQueues = [.. services.Select(queue => queue.Name)],
            RetryQueues = retries,
            DeadLetterQueues = dead,
            TapQueue = named.Select(queue => queue.Name).Single(name => name.EndsWith(TapSuffix, StringComparison.Ordinal)),
            DeadLettersOf = services.ToDictionary(queue => queue.Name, queue => queue.DeadLetters!, StringComparer.Ordinal),
            EventExchanges = [.. bound.Select(binding => Text(binding, "source")).Where(name => name.EndsWith(".events", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)],
            Routes = bound.ToLookup(
                binding => (Text(binding, "source"), Text(binding, "routing_key")),
                binding => new Destination(Text(binding, "destination"), Text(binding, "destination_type") == "queue")),
        };
    }

    /// <summary>Messages in each queue, those at a consumer included.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> DepthsAsync(HttpClient management, CancellationToken cancellationToken) =>
        (await GetAsync(management, "/api/queues/%2F?columns=name,messages", cancellationToken)).EnumerateArray()
            .ToDictionary(queue => Text(queue, "name"), queue => queue.TryGetProperty("messages", out var count) ? count.GetInt64() : 0, StringComparer.Ordinal);

    public static HttpClient CreateClient(Uri management, Uri broker)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(broker.UserInfo)));
        return new HttpClient { BaseAddress = management, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", credentials) }, Timeout = TimeSpan.FromSeconds(10) };
    }

    private static string? DeadLetterQueue(JsonElement queue) =>
        queue.TryGetProperty("arguments", out var arguments) && arguments.TryGetProperty("x-dead-letter-routing-key", out var key) ? key.GetString() : null;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static async Task<JsonElement> GetAsync(HttpClient management, string path, CancellationToken cancellationToken)
    {
        await using var answer = await management.GetStreamAsync(new Uri(path, UriKind.Relative), cancellationToken);
        using var document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }
}

/// <summary>A queue or an exchange that messages are brought to.</summary>
internal readonly record struct Destination(string Name, bool IsQueue);
