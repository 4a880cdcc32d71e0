using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Reconciliation;

/// <summary>How many events of a type a service has handled.</summary>
internal sealed record HandledCount(string Consumer, string EventType, long Count);

/// <summary>
/// Reads from Prometheus what only others know: the services' durable counters, whose databases are their own, and the messages in the
/// queues with those being handled, which AMQP does not count. Both are some seconds old.
/// </summary>
internal sealed class PrometheusCounts(IHttpClientFactory clients, IOptions<MonitorOptions> options)
{
    public const string ClientName = "prometheus";

    private const string Effects = "sum by (job, event_type) (events_effects_total)";
    private const string Messages = "sum by (queue) (rabbitmq_queue_messages)";

    public async Task<IReadOnlyList<HandledCount>> HandledAsync(CancellationToken cancellationToken) =>
    [
        .. from sample in await QueryAsync(Effects, cancellationToken)
           select new HandledCount(Label(sample, "job"), Label(sample, "event_type"), Value(sample)),
    ];

    /// <summary>Messages that wait or are being handled, by queue.</summary>
    public async Task<IReadOnlyDictionary<string, long>> MessagesAsync(CancellationToken cancellationToken) =>
        (await QueryAsync(Messages, cancellationToken)).ToDictionary(sample => Label(sample, "queue"), Value, StringComparer.Ordinal);

    private static string Label(JsonElement sample, string name) =>
        sample.GetProperty("metric").TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static long Value(JsonElement sample) =>
        (long)double.Parse(sample.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);

    private async Task<List<JsonElement>> QueryAsync(string query, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        var address = new Uri($"{options.Value.PrometheusUrl!.TrimEnd('/')}/api/v1/query?query={Uri.EscapeDataString(query)}");
        await using var answer = await client.GetStreamAsync(address, cancellationToken);
        using var document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        return [.. document.RootElement.GetProperty("data").GetProperty("result").Clone().EnumerateArray()];
    }
}
