using System.Data.Common;
using Microsoft.AspNetCore.Http.HttpResults;
using OrderFlow.Contracts.Http;

namespace OrderFlow.OrderService.ClaimKey;

/// <summary>
/// <c>PUT /idempotency-keys/{orderId}</c> and <c>POST /idempotency-keys/{orderId}/counted</c>: asked by the Gateways, and by nobody else,
/// about orders whose requests named an idempotency key.
/// </summary>
internal static class ClaimKeySetup
{
    private const int FingerprintBytes = 32;
    private const int LongestCorrelationId = 128;

    public static void AddClaimKey(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyClaims>();
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrderServiceJson.Default));
    }

    public static void MapClaimKey(this WebApplication app)
    {
        app.MapPut("/idempotency-keys/{orderId:guid}", ClaimAsync);
        app.MapPost("/idempotency-keys/{orderId:guid}/counted", CountAsync);
    }

    private static async Task<IResult> ClaimAsync(
        Guid orderId, string fingerprint, string correlationId, KeyClaims claims, ILogger<KeyClaims> logger,
        CancellationToken cancellationToken)
    {
        var bytes = new byte[FingerprintBytes];
        if (fingerprint.Length != 2 * FingerprintBytes
            || Convert.FromHexString(fingerprint, bytes, out _, out _) != System.Buffers.OperationStatus.Done
            || correlationId.Length is 0 or > LongestCorrelationId || correlationId.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return TypedResults.Problem(
                type: "urn:orderflow:problem:invalid-claim",
                statusCode: StatusCodes.Status400BadRequest,
                detail: $"fingerprint is {FingerprintBytes} bytes in hexadecimal, "
                    + $"correlationId 1 to {LongestCorrelationId} visible ASCII characters.");
        }

        try
        {
            return TypedResults.Ok(await claims.ClaimAsync(orderId, bytes, correlationId, cancellationToken));
        }
        catch (DbException exception)
        {
            return Unavailable(logger, exception);
        }
    }

    private static async Task<IResult> CountAsync(
        Guid orderId, KeyClaims claims, ILogger<KeyClaims> logger, CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Ok(new KeyCount(await claims.CountAsync(orderId, cancellationToken)));
        }
        catch (DbException exception)
        {
            return Unavailable(logger, exception);
        }
    }

    private static ProblemHttpResult Unavailable(ILogger<KeyClaims> logger, DbException exception)
    {
        Log.KeyNotClaimed(logger, exception);
        return TypedResults.Problem(
            type: "urn:orderflow:problem:keys-unavailable",
            statusCode: StatusCodes.Status503ServiceUnavailable,
            detail: "Keys cannot be looked up at the moment; orders are taken without.");
    }
}
