using System.Data.Common;
using Microsoft.AspNetCore.Diagnostics;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;
using OrderFlow.ServiceDefaults.Json;

namespace OrderFlow.Monitor;

/// <summary>What all of <c>/api</c> has in common: its JSON, and problem details for what cannot be answered.</summary>
internal static class Api
{
    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, MonitorJson.Default);
            // 2.0 is 2 in a body; the context's own converters do not count here.
            json.SerializerOptions.Converters.Add(new IntegerConverter());
            json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull;
        });
        // The client's fault in every environment; in Development it would be thrown, and answered as a fault of this service.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
        builder.Services.AddSingleton<EventReader>();
        builder.Services.AddSingleton<FlowReader>();
        builder.Services.AddSingleton<OrderSearch>();
        builder.Services.AddSingleton<MaskedFields>();
    }

    public static void UseApi(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync });
        app.UseWhen(http => Covers(http.Request.Path), api => api.Use(BodyCheck.InvokeAsync).UseStatusCodePages());
    }

    /// <summary>Whether a path is one of the API's; all others are pages.</summary>
    public static bool Covers(PathString path) => path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    /// <summary>The answer for what is not stored.</summary>
    public static IResult Unknown(string what) => TypedResults.Problem(
        type: "urn:orderflow:problem:unknown",
        statusCode: StatusCodes.Status404NotFound,
        detail: $"{what} is not stored here. What was published just now may take a moment to arrive; what is older than the retention is gone.");

    /// <summary>The answer for a query that cannot be read.</summary>
    public static IResult Refuse(IReadOnlyDictionary<string, string[]> errors) => TypedResults.ValidationProblem(
        errors.ToDictionary(StringComparer.Ordinal), type: "urn:orderflow:problem:invalid-query", detail: "The query cannot be read; errors names each parameter that is wrong.");

    /// <summary>The answer for an address that there is not.</summary>
    public static IResult NotThere(string? path) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, detail: $"There is no /api/{path}. docs/monitor-api.md lists what there is.");

    /// <summary>Whether it is the database that does not answer at the moment.</summary>
    public static bool IsUnavailable(Exception? exception) => exception is DbException or TimeoutException;

    private static Task AnswerAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is BadHttpRequestException bad)
        {
            return TypedResults.Problem(statusCode: bad.StatusCode, detail: bad.Message).ExecuteAsync(http);
        }

        if (!IsUnavailable(exception))
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status500InternalServerError, detail: "The Monitor failed to answer; its log says why.").ExecuteAsync(http);
        }

        Log.NotRead(http.RequestServices.GetRequiredService<ILogger<EventReader>>(), exception!);
        http.Response.Headers.RetryAfter = RetryLater.Seconds;
        return TypedResults.Problem(
            type: "urn:orderflow:problem:events-unavailable",
            statusCode: StatusCodes.Status503ServiceUnavailable,
            detail: "The events cannot be read at the moment. They are safe; try again in a few seconds.").ExecuteAsync(http);
    }
}
