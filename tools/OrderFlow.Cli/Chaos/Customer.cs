using System.Net;
using System.Net.Http.Headers;
using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;
using HttpHeaders = OrderFlow.Contracts.HttpHeaders;

namespace OrderFlow.Cli.Chaos;

/// <summary>
/// Places one order as a careful customer does: without a final answer, again with the same <c>Idempotency-Key</c>, a few times.
/// </summary>
internal sealed class Customer(
    Uri gateway,
    HttpClient http,
    PlannedOrders plan,
    OrderNumbers numbers,
    CustomerLedger ledger,
    AnswerCounts answers,
    TrafficGate gate,
    TimeProvider time)
{
    private const int Attempts = 6;

    /// <summary>Longer than any freeze: an answer given up earlier would only be asked for again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly Uri _orders = new(gateway, "/orders");

    /// <summary>Places the order; never throws for what the network or the Gateway does.</summary>
    public async Task PlaceAsync(long number, long dueAt)
    {
        TrafficGate.Passage? passage = await gate.EnterAsync(CancellationToken.None);
        // The time in which it was held back is the tool's, not the system's.
        ledger.Sent(number, passage.Waited ? time.GetTimestamp() : dueAt);
        var body = plan.Of(number).ToJson();
        var mayExist = false;
        try
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                Answer answer;
                using (passage ?? await gate.EnterAsync(CancellationToken.None))
                {
                    answer = await AskAsync(number, body);
                }

                passage = null;
                mayExist |= answer.MayExist;
                if (answer.OrderId is { } orderId)
                {
                    ledger.Answered(number, OrderAnswer.Accepted, orderId);
                    return;
                }

                if (answer.IsFinal)
                {
                    break;
                }

                if (attempt < Attempts)
                {
                    await Task.Delay(
                        answer.RetryAfter is { } wait && wait < LongestPause ? wait : answer.RetryAfter is null ? Pause : LongestPause,
                        time);
                }
            }

            ledger.Answered(number, mayExist ? OrderAnswer.Unknown : OrderAnswer.Refused);
        }
        finally
        {
            answers.End();
        }
    }

    private async Task<Answer> AskAsync(long number, byte[] body)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _orders)
            {
                Content = new ByteArrayContent(body) { Headers = { ContentType = Json } },
            };
            request.Headers.TryAddWithoutValidation(HttpHeaders.IdempotencyKey, numbers.CorrelationId(number));
            request.Headers.TryAddWithoutValidation(HttpHeaders.CorrelationId, numbers.CorrelationId(number));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead);
            return await ReadAsync(response);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError)
        {
            return new Answer(null, MayExist: false, IsFinal: false, null);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return new Answer(null, MayExist: true, IsFinal: false, null);
        }
    }

    private async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.Accepted && OrderSender.TryReadOrderId(response.Headers.Location, out var orderId))
        {
            return new Answer(orderId, MayExist: true, IsFinal: true, null);
        }

        answers.CountRejected((int)response.StatusCode);
        return new Answer(
            null,
            MayExist: await OrderSender.IsOpenAsync(response),
            IsFinal: (int)response.StatusCode is >= 400 and < 500
                && response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout),
            response.Headers.RetryAfter?.Delta);
    }

    private sealed record Answer(Guid? OrderId, bool MayExist, bool IsFinal, TimeSpan? RetryAfter);
}
