using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>Places orders as a customer does.</summary>
internal static class Orders
{
    public static object Valid { get; } = new { items = new[] { new { id = "item-1", quantity = 2 } }, userId = "user-123" };

    /// <summary>Places one order that must be accepted.</summary>
    /// <returns>The order's id, from the Location header.</returns>
    public static Task<string> PlaceAsync(
        HttpClient gateway, CancellationToken cancellationToken, Action<HttpRequestMessage>? configure = null) =>
        PlaceAsync(gateway, Valid, cancellationToken, configure);

    /// <inheritdoc cref="PlaceAsync(HttpClient, CancellationToken, Action{HttpRequestMessage}?)"/>
    public static async Task<string> PlaceAsync(
        HttpClient gateway, object order, CancellationToken cancellationToken, Action<HttpRequestMessage>? configure = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = JsonContent.Create(order) };
        configure?.Invoke(request);
        using var response = await gateway.SendAsync(request, cancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(cancellationToken));
        var location = response.Headers.Location.ShouldNotBeNull().ToString();
        location.ShouldStartWith("/orders/");
        return location["/orders/".Length..];
    }

    /// <summary>
    /// Places orders at a steady rate and returns the ids of those that were answered with 202; others are answered, too, or refused.
    /// </summary>
    public static async Task<OrderStream> StreamAsync(HttpClient gateway, int perSecond, Task until, CancellationToken cancellationToken)
    {
        var requests = new List<Task<Answer>>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (!until.IsCompleted)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            requests.Add(TryPlaceAsync(gateway, cancellationToken));
        }

        var answers = await Task.WhenAll(requests);
        return new OrderStream(
            [.. answers.Where(answer => answer.Status == HttpStatusCode.Accepted).Select(answer => answer.OrderId!)],
            [.. answers.Where(answer => answer.Status != HttpStatusCode.Accepted)],
            answers.Max(answer => answer.Took));
    }

    /// <summary>The problem document of an answer.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
        return json.RootElement.Clone();
    }

    private static async Task<Answer> TryPlaceAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        try
        {
            using var response = await gateway.PostAsJsonAsync("/orders", Valid, cancellationToken);
            return new Answer(
                response.StatusCode, response.Headers.Location?.ToString()["/orders/".Length..], response.Headers.RetryAfter?.Delta)
            {
                Took = TimeProvider.System.GetElapsedTime(since),
            };
        }
        catch (HttpRequestException)
        {
            // No answer: the Gateway itself was down. The customer knows nothing, and nothing was promised.
            return new Answer(null, null, null);
        }
    }

    internal sealed record Answer(HttpStatusCode? Status, string? OrderId, TimeSpan? RetryAfter)
    {
        public TimeSpan Took { get; init; }
    }

    internal sealed record OrderStream(IReadOnlyList<string> Accepted, IReadOnlyList<Answer> Refused, TimeSpan Slowest);
}
