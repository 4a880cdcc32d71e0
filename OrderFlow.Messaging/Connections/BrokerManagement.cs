using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Diagnostics;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Connections;

/// <summary>
/// Asks RabbitMQ's management API what AMQP does not tell: how many messages of a queue are at a consumer, and which policy applies to it.
/// Its numbers are up to 5 s old.
/// </summary>
public sealed partial class BrokerManagement : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Many ask for one queue each, and an answer has all of them.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private const string Totals = "disable_stats=true&enable_queue_totals=true&columns=name,messages,policy,operator_policy";

    private static readonly IReadOnlyDictionary<string, QueueTotals> NoQueues = new Dictionary<string, QueueTotals>(StringComparer.Ordinal);

    private readonly HttpClient _http;
    private readonly LogThrottle _reminder;
    private readonly string _virtualHost;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IReadOnlyDictionary<string, QueueTotals> _last = NoQueues;
    private long? _askedAt;

    private BrokerManagement(Uri address, ConnectionFactory broker, TimeProvider time)
    {
        _time = time;
        _reminder = new LogThrottle(time, TimeSpan.FromMinutes(5));
        _virtualHost = Uri.EscapeDataString(broker.VirtualHost);
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.UserName}:{broker.Password}")));
    }

    /// <summary>
    /// With the user of the broker's connections; <see langword="null"/> when no address is configured, or the factory keeps its user to
    /// itself.
    /// </summary>
    public static BrokerManagement? For(Uri? address, IConnectionFactory connections, TimeProvider time) =>
        address is not null && connections is ConnectionFactory broker ? new BrokerManagement(address, broker, time) : null;

    /// <summary>All queues by their names.</summary>
    /// <exception cref="HttpRequestException">It does not answer, or not to this user.</exception>
    /// <exception cref="JsonException">It answers something else.</exception>
    /// <exception cref="OperationCanceledException">It does not answer in time, or <paramref name="cancellationToken"/> fires.</exception>
    public async Task<IReadOnlyDictionary<string, QueueTotals>> QueuesAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_askedAt is not { } at || _time.GetElapsedTime(at) >= Freshness)
            {
                var queues = await _http.GetFromJsonAsync(
                    new Uri($"api/queues/{_virtualHost}?{Totals}", UriKind.Relative),
                    ManagementJson.Default.QueueTotalsArray, cancellationToken);
                _last = (queues ?? []).ToDictionary(queue => queue.Name, StringComparer.Ordinal);
                _askedAt = _time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The same for who can do without: no queues while it does not answer, which is told now and then.</summary>
    /// <param name="asker">Who asks, for the log.</param>
    /// <param name="logger">Where that is told.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyDictionary<string, QueueTotals>> TryQueuesAsync(
        string asker, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await QueuesAsync(cancellationToken);
        }
        catch (Exception exception) when (
            exception is HttpRequestException or JsonException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            if (_reminder.IsDue())
            {
                Log.ManagementAway(logger, asker, exception);
            }

            return NoQueues;
        }
    }

    /// <summary>What the policies of a queue say; later ones win where both do.</summary>
    /// <inheritdoc cref="QueuesAsync" path="/exception"/>
    public async Task<IReadOnlyList<QueuePolicy>> PoliciesOfAsync(string queue, CancellationToken cancellationToken)
    {
        if (!(await QueuesAsync(cancellationToken)).TryGetValue(queue, out var totals) || totals is { Policy: null, OperatorPolicy: null })
        {
            return [];
        }

        return
        [
            .. (await ReadPoliciesAsync("policies", cancellationToken)).Where(policy => policy.Name == totals.Policy),
            .. (await ReadPoliciesAsync("operator-policies", cancellationToken)).Where(policy => policy.Name == totals.OperatorPolicy),
        ];
    }

    public void Dispose()
    {
        _http.Dispose();
        _gate.Dispose();
    }

    private async Task<QueuePolicy[]> ReadPoliciesAsync(string kind, CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync(
            new Uri($"api/{kind}/{_virtualHost}", UriKind.Relative), ManagementJson.Default.QueuePolicyArray, cancellationToken) ?? [];

    [JsonSerializable(typeof(QueueTotals[]))]
    [JsonSerializable(typeof(QueuePolicy[]))]
    private sealed partial class ManagementJson : JsonSerializerContext;
}

/// <summary>A queue as the management API tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Messages">Messages that are ready, and those at a consumer; <see langword="null"/> of a queue that was just
/// declared.</param>
/// <param name="Policy">The policy that applies to it.</param>
/// <param name="OperatorPolicy">The operator's policy that does.</param>
public sealed record QueueTotals(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("messages")] long? Messages,
    [property: JsonPropertyName("policy")] string? Policy,
    [property: JsonPropertyName("operator_policy")] string? OperatorPolicy);

/// <summary>A policy of the broker.</summary>
public sealed record QueuePolicy(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("definition")] IReadOnlyDictionary<string, JsonElement> Definition);
