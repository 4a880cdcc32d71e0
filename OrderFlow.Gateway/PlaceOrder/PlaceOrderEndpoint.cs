using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Gateway.RefuseRequest;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// <c>POST /orders</c>: begins the flow of an order. 202 is only said after the broker has confirmed the order; every other answer is
/// a problem that says why.
/// </summary>
internal sealed class PlaceOrderEndpoint(
    IEventPublisher publisher,
    OrderReader reader,
    OrderRefusals refusals,
    InFlightOrders inFlight,
    GatewayInstruments instruments,
    IOptions<PlaceOrderOptions> options,
    TimeProvider time,
    ILogger<PlaceOrderEndpoint> logger)
{
    private readonly int _maxBodyBytes = options.Value.MaxBodyBytes;

    public async Task HandleAsync(HttpContext http)
    {
        if (!CorrelationHeader.TryRead(http.Request.Headers, out var correlationId))
        {
            await RefuseAsync(http, refusals.CorrelationId, correlationId: null);
            return;
        }

        if (!IdempotencyKey.TryRead(http.Request.Headers, out var idempotencyKey))
        {
            await RefuseAsync(http, refusals.IdempotencyKey, correlationId);
            return;
        }

        // The customer's wait begins here, before the body is read: this is the origin of every latency.
        var context = EventContext.StartFlow(FlowNames.OrderCreation, time, correlationId);
        if (!inFlight.TryEnter())
        {
            await RefuseAsync(http, refusals.Overloaded, context.CorrelationId);
            return;
        }

        try
        {
            await PlaceAsync(http, context, correlationId, idempotencyKey);
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(http, exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? refusals.TooLarge : Refusal.ForStatus(exception.StatusCode), context.CorrelationId);
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            instruments.OrderRejected(RefusalReason.Aborted);
            Log.ClientWentAway(logger, context.CorrelationId);
        }
        finally
        {
            inFlight.Leave();
        }
    }

    private async Task PlaceAsync(HttpContext http, EventContext context, string? correlationId, string? idempotencyKey)
    {
        if (!OrderMediaType.IsAccepted(http.Request))
        {
            await RefuseAsync(http, refusals.MediaType, context.CorrelationId);
            return;
        }

        if (await OrderBody.ReadAsync(http.Request, _maxBodyBytes, http.RequestAborted) is not { } body)
        {
            await RefuseAsync(http, refusals.TooLarge, context.CorrelationId);
            return;
        }

        var errors = new OrderErrors();
        var order = Read(body, errors);
        http.Request.BodyReader.AdvanceTo(body.End);
        if (errors.Any)
        {
            await RefuseAsync(http, OrderRefusals.Invalid(errors), context.CorrelationId);
            return;
        }

        var orderId = Guid.CreateVersion7(time.GetUtcNow());
        if (idempotencyKey is not null)
        {
            orderId = IdempotencyKey.Derive("order", order.UserId, idempotencyKey);
            context = context with
            {
                EventId = IdempotencyKey.Derive("event", order.UserId, idempotencyKey),
                CorrelationId = correlationId ?? IdempotencyKey.Derive("correlation", order.UserId, idempotencyKey).ToString(),
            };
        }

        order.OrderId = orderId.ToString();
        await PublishAsync(http, order, orderId, context with { AggregateId = order.OrderId, UserId = order.UserId }, idempotencyKey is not null);
    }

    private OrderCreated Read(in ReadOnlySequence<byte> body, OrderErrors errors)
    {
        if (body.IsSingleSegment)
        {
            return reader.Read(body.FirstSpan, errors);
        }

        var length = (int)body.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(buffer);
            return reader.Read(buffer.AsSpan(0, length), errors);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task PublishAsync(HttpContext http, OrderCreated order, Guid orderId, EventContext context, bool hasKey)
    {
        try
        {
            // Not tied to the client's patience: an order that was read completely is placed, whoever still listens.
            await publisher.PublishAsync(order, context, CancellationToken.None);
        }
        catch (PublishException exception)
        {
            Log.OrderNotConfirmed(logger, orderId, exception.Reason, context.CorrelationId, exception.Message);
            await RefuseAsync(http, refusals.NotConfirmed(exception, hasKey), context.CorrelationId);
            return;
        }

        instruments.OrderAccepted();
        if (order.Total is { } total)
        {
            instruments.OrderValued(total.CurrencyCode, (double)total.ToDecimal());
        }

        Log.OrderAccepted(logger, orderId, context.CorrelationId);
        await AnswerAsync(http.Response, new OrderAccepted(order.OrderId, context.CorrelationId));
    }

    // A client that went away meanwhile is no error: Kestrel drops what it can no longer send.
    private static async Task AnswerAsync(HttpResponse response, OrderAccepted accepted)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(accepted, GatewayJson.Default.OrderAccepted);
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = $"/orders/{accepted.OrderId}";
        response.Headers[HeaderNames.CorrelationId] = accepted.CorrelationId;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private Task RefuseAsync(HttpContext http, Refusal refusal, string? correlationId)
    {
        instruments.OrderRejected(refusal.Reason);
        Log.OrderRefused(logger, refusal.Status, refusal.Reason, correlationId);
        return Problem.WriteAsync(http, refusal, correlationId);
    }
}
