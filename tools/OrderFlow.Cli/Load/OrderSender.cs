using System.Net;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Contracts;

namespace OrderFlow.Cli.Load;

/// <summary>Sends one order and enters the answer into the ledger.</summary>
internal sealed class OrderSender(
    Uri gateway, HttpClient http, OrderBodies bodies, OrderNumbers numbers, OrderLedger ledger, AnswerCounts answers, TimeProvider time)
{
    private readonly Uri _orders = new(gateway, "/orders");

    /// <summary>From the intended time of sending to the answer.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Sends the order; never throws for what the network or the Gateway does.</summary>
    /// <param name="number">The order's number in the run.</param>
    /// <param name="dueAt">The timestamp at which it should have been sent: latency counts from here, so that a late sender flatters
    /// nobody.</param>
    public async Task SendAsync(long number, long dueAt)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _orders) { Content = bodies.For(number) };
            request.Headers.TryAddWithoutValidation(HttpHeaders.CorrelationId, numbers.CorrelationId(number));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead);
            Latency.Record((long)time.GetElapsedTime(dueAt).TotalMicroseconds);
            await EnterAsync(number, response);
        }
        catch (HttpRequestException exception) when (
            exception.HttpRequestError is HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError)
        {
            answers.CountFailedConnection();
            ledger.Answered(number, OrderAnswer.Refused);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            answers.CountUnknown();
            ledger.Answered(number, OrderAnswer.Unknown);
        }
        finally
        {
            answers.End();
        }
    }

    private async Task EnterAsync(long number, HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.Accepted && TryReadOrderId(response.Headers.Location, out var orderId))
        {
            ledger.Answered(number, OrderAnswer.Accepted, orderId);
            return;
        }

        answers.CountRejected((int)response.StatusCode);
        if (await IsOpenAsync(response))
        {
            answers.CountUnknown();
            ledger.Answered(number, OrderAnswer.Unknown);
        }
        else
        {
            ledger.Answered(number, OrderAnswer.Refused);
        }
    }

    /// <summary>The id at the end of <c>Location</c>.</summary>
    public static bool TryReadOrderId(Uri? location, out Guid orderId)
    {
        orderId = default;
        return location is not null
            && Guid.TryParse(location.OriginalString.AsSpan(location.OriginalString.LastIndexOf('/') + 1), out orderId);
    }

    /// <summary>
    /// Whether the answer leaves open if the order was accepted: a failure after the order was read, unless the problem says otherwise.
    /// </summary>
    public static async Task<bool> IsOpenAsync(HttpResponseMessage response) =>
        (int)response.StatusCode is < 400 or >= 500
        && !(await response.Content.ReadAsStringAsync()).Contains("\"outcome\":\"not_accepted\"", StringComparison.Ordinal);
}
