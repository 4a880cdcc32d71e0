using OrderFlow.Contracts.Http;
using Polly;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>
/// Asks OrderService, which all Gateways have in common, what order a key belongs to. No answer is an answer: orders are taken without.
/// </summary>
internal sealed class KeyClaimsClient(HttpClient http, ServiceSilence silence)
{
    /// <returns>Who has the key; <see langword="null"/> when OrderService does not say.</returns>
    public Task<KeyClaim?> ClaimAsync(Guid orderId, string fingerprint, string correlationId) => AskAsync(async () =>
    {
        using var answer =
            await http.PutAsync(
                $"/idempotency-keys/{orderId}?fingerprint={fingerprint}&correlationId={Uri.EscapeDataString(correlationId)}",
                content: null);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync(GatewayJson.Default.KeyClaim);
    });

    /// <returns>Whether the order is to be counted here, because nobody has yet; <see langword="null"/> when OrderService does not
    /// say.</returns>
    public Task<KeyCount?> CountAsync(Guid orderId) => AskAsync(async () =>
    {
        using var answer = await http.PostAsync($"/idempotency-keys/{orderId}/counted", content: null);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync(GatewayJson.Default.KeyCount);
    });

    private async Task<T?> AskAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        try
        {
            var answer = await ask();
            silence.Ended();
            return answer;
        }
        catch (Exception exception) when (exception is HttpRequestException or ExecutionRejectedException or OperationCanceledException
            or System.Text.Json.JsonException)
        {
            silence.Began(exception.Message);
            return null;
        }
    }
}
