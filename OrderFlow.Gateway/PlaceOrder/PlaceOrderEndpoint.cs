using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Gateway.ClaimKey;
using OrderFlow.Gateway.Problems;
using OrderFlow.Gateway.ShedLoad;
using OrderFlow.Messaging.Envelope;
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
    Admission admission,
    KeyedOrders keys,
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

        if (!TenantHeader.TryRead(http.Request.Headers, out var tenantId))
        {
            await RefuseAsync(http, refusals.TenantId, correlationId);
            return;
        }

        if (!IdempotencyKey.TryRead(http.Request.Headers, out var idempotencyKey))
        {
            await RefuseAsync(http, refusals.IdempotencyKey, correlationId);
            return;
        }

        // The customer's wait begins here, before the body is read: this is the origin of every latency.
        var context = EventContext.StartFlow(FlowNames.OrderCreation, time, correlationId);
        if (tenantId is not null)
        {
            context = context with { TenantId = tenantId };
        }

        if (!admission.TryAdmit())
        {
            await RefuseAsync(http, refusals.WouldWait, context.CorrelationId);
            return;
        }

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
            await RefuseAsync(
                http, exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? refusals.TooLarge
                    : Refusal.ForStatus(exception.StatusCode), context.CorrelationId);
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested
            && exception is OperationCanceledException or IOException)
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
        if (!OrderMediaType.IsJson(http.Request.ContentType))
        {
            await RefuseAsync(http, refusals.MediaType, context.CorrelationId);
            return;
        }

        if (!OrderMediaType.IsPlain(http.Request.Headers))
        {
            await RefuseAsync(http, refusals.ContentCoding, context.CorrelationId);
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

        if (idempotencyKey is null)
        {
            order.OrderId = Guid.CreateVersion7(time.GetUtcNow()).ToString();
            await AnswerAsync(http, order, context.CorrelationId, await PublishAsync(order, context, hasKey: false), isNew: true);
            return;
        }

        var fingerprint = OrderFingerprint.Of(order);
        var orderId = IdempotencyKey.Derive("order", idempotencyKey, context.TenantId);
        order.OrderId = orderId.ToString();
        order.RequestFingerprint = ByteString.CopyFrom(fingerprint);
        context = context with { EventId = IdempotencyKey.Derive("event", idempotencyKey, context.TenantId) };
        var outcome = await keys.PlaceAsync(
            orderId,
            fingerprint,
            correlationId ?? IdempotencyKey.Derive("correlation", idempotencyKey, context.TenantId).ToString(),
            first => PublishAsync(order, context with { CorrelationId = first }, hasKey: true),
            http.RequestAborted);
        await AnswerAsync(http, order, outcome.CorrelationId, outcome.Refusal, outcome.IsNew);
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

    /// <returns>Why the order is not accepted; <see langword="null"/> when it is.</returns>
    private async Task<Refusal?> PublishAsync(OrderCreated order, EventContext context, bool hasKey)
    {
        try
        {
            // Not tied to the client's patience: an order that was read completely is placed, whoever still listens.
            await publisher.PublishAsync(
                order, context with { AggregateId = order.OrderId, UserId = order.UserId }, CancellationToken.None);
            return null;
        }
        catch (PublishException exception)
        {
            Log.OrderNotConfirmed(logger, order.OrderId, exception.Reason, context.CorrelationId, exception.Message);
            return refusals.NotConfirmed(exception, hasKey);
        }
    }

    private Task AnswerAsync(HttpContext http, OrderCreated order, string correlationId, Refusal? refusal, bool isNew)
    {
        if (refusal is not null)
        {
            return RefuseAsync(http, refusal, correlationId);
        }

        if (isNew)
        {
            instruments.OrderAccepted();
            if (order.Total is { } total)
            {
                instruments.OrderValued(total.CurrencyCode, (double)total.ToDecimal());
            }
        }

        Log.OrderAccepted(logger, order.OrderId, correlationId);
        return AnswerAsync(http.Response, new OrderAccepted(order.OrderId, correlationId));
    }

    // A client that went away meanwhile is no error: Kestrel drops what it can no longer send.
    private static async Task AnswerAsync(HttpResponse response, OrderAccepted accepted)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(accepted, GatewayJson.Default.OrderAccepted);
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = $"/orders/{accepted.OrderId}";
        response.Headers[HttpHeaders.CorrelationId] = accepted.CorrelationId;
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
