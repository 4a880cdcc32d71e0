using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Alerts;

/// <summary>
/// What only others know: Prometheus, which alerts are about to fire; Alertmanager, which are silenced.
/// </summary>
internal sealed class AlertSources(IHttpClientFactory clients, IOptions<MonitorOptions> options)
{
    public const string ClientName = "alerts";

    public bool HasAlertmanager => !string.IsNullOrEmpty(options.Value.AlertmanagerUrl);

    /// <exception cref="HttpRequestException">Prometheus does not answer.</exception>
    /// <exception cref="JsonException">It answers something else.</exception>
    public async Task<IReadOnlyList<PendingAlert>> PendingAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(options.Value.PrometheusUrl))
        {
            return [];
        }

        using var client = clients.CreateClient(ClientName);
        var answer = await client.GetFromJsonAsync(
            Address(options.Value.PrometheusUrl, "api/v1/alerts"), AlertJson.Default.JsonElement, cancellationToken);
        return
        [
            .. from alert in answer.GetProperty("data").GetProperty("alerts").EnumerateArray()
               where alert.GetProperty("state").GetString() == "pending"
               let labels = alert.GetProperty("labels")
               select new PendingAlert(
                   Text(labels, "alertname") ?? "", Text(labels, "severity") ?? "info",
                   Text(alert.GetProperty("annotations"), "summary") ?? "", alert.GetProperty("activeAt").GetDateTimeOffset()),
        ];
    }

    /// <summary>The silences that hold now, or will.</summary>
    /// <inheritdoc cref="PendingAsync" path="/exception"/>
    public async Task<IReadOnlyList<SilenceView>> SilencesAsync(CancellationToken cancellationToken)
    {
        if (!HasAlertmanager)
        {
            return [];
        }

        using var client = clients.CreateClient(ClientName);
        var answer = await client.GetFromJsonAsync(Silences, AlertJson.Default.JsonElement, cancellationToken);
        return
        [
            .. from silence in answer.EnumerateArray()
               where silence.GetProperty("status").GetProperty("state").GetString() != "expired"
               select new SilenceView(
                   Text(silence, "id") ?? "",
                   [.. silence.GetProperty("matchers").EnumerateArray().Select(matcher =>
                       $"{Text(matcher, "name")}{Operator(matcher)}{Text(matcher, "value")}")],
                   Text(silence, "createdBy") ?? "", Text(silence, "comment") ?? "",
                   silence.GetProperty("startsAt").GetDateTimeOffset(), silence.GetProperty("endsAt").GetDateTimeOffset()),
        ];
    }

    /// <summary>Silences the alerts with these labels.</summary>
    /// <returns>The silence's id.</returns>
    /// <inheritdoc cref="PendingAsync" path="/exception"/>
    public async Task<string> SilenceAsync(
        IEnumerable<KeyValuePair<string, string>> labels, DateTimeOffset from, DateTimeOffset until, string by, string comment,
        CancellationToken cancellationToken)
    {
        var silence = new JsonObject
        {
            ["matchers"] = new JsonArray([.. labels.Select(label => new JsonObject
            {
                ["name"] = label.Key,
                ["value"] = label.Value,
                ["isRegex"] = false,
                ["isEqual"] = true,
            })]),
            ["startsAt"] = from.UtcDateTime,
            ["endsAt"] = until.UtcDateTime,
            ["createdBy"] = by,
            ["comment"] = comment,
        };
        using var client = clients.CreateClient(ClientName);
        using var answer = await client.PostAsJsonAsync(Silences, silence, AlertJson.Default.JsonObject, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var made = await answer.Content.ReadFromJsonAsync(AlertJson.Default.JsonElement, cancellationToken);
        return Text(made, "silenceID") ?? "";
    }

    /// <summary>Ends a silence.</summary>
    /// <returns>Whether there is one with this id.</returns>
    /// <exception cref="HttpRequestException">Alertmanager does not answer.</exception>
    public async Task<bool> EndSilenceAsync(Guid id, CancellationToken cancellationToken)
    {
        var address = Address(options.Value.AlertmanagerUrl!, $"api/v2/silence/{id}");
        using var client = clients.CreateClient(ClientName);
        // To delete one that is not there is a fault of its own to Alertmanager 0.25, so it is looked for.
        using var found = await client.GetAsync(address, cancellationToken);
        if (found.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }

        using var answer = await client.DeleteAsync(address, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return true;
    }

    private Uri Silences => Address(options.Value.AlertmanagerUrl!, "api/v2/silences");

    private static Uri Address(string server, string path) => new($"{server.TrimEnd('/')}/{path}");

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Operator(JsonElement matcher)
    {
        var equal = !matcher.TryGetProperty("isEqual", out var value) || value.GetBoolean();
        return matcher.GetProperty("isRegex").GetBoolean() ? equal ? "=~" : "!~" : equal ? "=" : "!=";
    }
}
