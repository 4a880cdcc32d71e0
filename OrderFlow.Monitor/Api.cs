using Microsoft.AspNetCore.Diagnostics;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;
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
        // A bad request is the client's error in every environment; in Development it would be thrown, and answered as an error of this
        // service.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
    }

    public static void UseApi(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync });
        app.UseWhen(http => ApiPath.Covers(http.Request.Path), api => api.Use(BodyCheck.InvokeAsync).UseStatusCodePages());
    }

    private static Task AnswerAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is BadHttpRequestException bad)
        {
            return TypedResults.Problem(statusCode: bad.StatusCode, detail: bad.Message).ExecuteAsync(http);
        }

        if (!StorageFault.IsUnavailable(exception))
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status500InternalServerError,
                detail: "The Monitor failed to answer; its log says why.").ExecuteAsync(http);
        }

        Log.DatabaseUnavailable(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Api).FullName!), exception!);
        http.Response.Headers.RetryAfter = RetryLater.Seconds;
        return TypedResults.Problem(
            type: "urn:orderflow:problem:events-unavailable",
            statusCode: StatusCodes.Status503ServiceUnavailable,
            detail: "The events cannot be read at the moment. They are safe; try again in a few seconds.").ExecuteAsync(http);
    }
}
