using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace OrderFlow.ServiceDefaults.Simulation;

/// <summary>Lets only callers pass that present the key.</summary>
internal sealed class SwitchKey(IOptions<SwitchOptions> options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _key = Digest(options.Value.Key);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.Headers.Authorization is [{ } presented]
            && presented.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(_key, Digest(presented[Scheme.Length..])))
        {
            return await next(context);
        }

        http.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return TypedResults.Problem(
            type: "urn:orderflow:problem:key-required",
            statusCode: StatusCodes.Status401Unauthorized,
            detail: $"Send the value of {SwitchOptions.Section}:{nameof(SwitchOptions.Key)} as 'Authorization: Bearer <key>'.");
    }

    /// <summary>Of equal length whatever was given, so that the comparison takes the same time.</summary>
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
