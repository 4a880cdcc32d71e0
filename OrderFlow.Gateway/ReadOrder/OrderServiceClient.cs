using System.Net;

namespace OrderFlow.Gateway.ReadOrder;

/// <summary>Asks OrderService.</summary>
internal sealed class OrderServiceClient(HttpClient http)
{
    /// <returns>The order as JSON; <see langword="null"/> when OrderService does not know it.</returns>
    /// <exception cref="HttpRequestException">There is no answer, or none that helps.</exception>
    /// <exception cref="Polly.ExecutionRejectedException">It did not come in time, or OrderService has not answered lately and is left
    /// alone for a moment.</exception>
    public async Task<byte[]?> FindAsync(Guid orderId, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync($"/orders/{orderId}", cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }
}
