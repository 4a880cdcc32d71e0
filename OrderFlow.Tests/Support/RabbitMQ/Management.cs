using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>The part of RabbitMQ's management API that the tests use.</summary>
public sealed class Management : IDisposable
{
    private readonly HttpClient _http;

    internal Management(int port, string user, string password)
    {
        Address = new Uri($"http://127.0.0.1:{port}");
        _http = new HttpClient { BaseAddress = new Uri(Address, "/api/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    /// <summary>Where it is, as a service's setting says it.</summary>
    public Uri Address { get; }

    /// <summary>Closes the connection that a service named so, of several the oldest; waits until the broker knows it.</summary>
    public async Task CloseConnectionAsync(string clientName) => await Wait.UntilAsync($"the connection {clientName} is closed", async () =>
    {
        using var connections = JsonDocument.Parse(await _http.GetStringAsync(new Uri("connections", UriKind.Relative)));
        var found = connections.RootElement.EnumerateArray()
            .Where(connection => connection.TryGetProperty("user_provided_name", out var name) && name.GetString() == clientName)
            .OrderBy(connection => connection.GetProperty("connected_at").GetInt64())
            .FirstOrDefault();
        if (found.ValueKind == JsonValueKind.Undefined)
        {
            return false;
        }

        using var answer = await _http.DeleteAsync(
            new Uri($"connections/{Uri.EscapeDataString(found.GetProperty("name").GetString()!)}", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    });

    /// <summary>Sets a policy on one queue, such as a maximum length.</summary>
    public async Task SetPolicyAsync(string queue, string key, object value)
    {
        var policy = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["pattern"] = $"^{queue.Replace(".", "\\.", StringComparison.Ordinal)}$",
            ["definition"] = new Dictionary<string, object>(StringComparer.Ordinal) { [key] = value },
            ["apply-to"] = "queues",
        };
        using var answer = await _http.PutAsJsonAsync(new Uri($"policies/%2F/{queue}", UriKind.Relative), policy);
        answer.EnsureSuccessStatusCode();
    }

    public async Task DeletePolicyAsync(string queue)
    {
        using var answer = await _http.DeleteAsync(new Uri($"policies/%2F/{queue}", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Shows the first message of a queue as the broker reads it, and leaves it there.</summary>
    public async Task<string> GetMessageAsync(string queue)
    {
        var request = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["count"] = 1,
            ["ackmode"] = "ack_requeue_true",
            ["encoding"] = "auto",
        };
        using var answer = await _http.PostAsJsonAsync(new Uri($"queues/%2F/{queue}/get", UriKind.Relative), request);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }

    public void Dispose() => _http.Dispose();
}
