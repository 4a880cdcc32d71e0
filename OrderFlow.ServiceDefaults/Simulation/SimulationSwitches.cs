using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Simulation;

/// <summary>
/// Switches simulated trouble over HTTP while a service runs. Each replica has its own switch, and forgets it when it ends.
/// </summary>
public static class SimulationSwitches
{
    /// <summary>Adds the settings <c>Simulation:Switchable</c> and <c>Simulation:Key</c>, validated at start.</summary>
    public static void AddSimulationSwitches(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SwitchOptions>().BindConfiguration(SwitchOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SwitchOptions>, SwitchOptionsValidator>();
        builder.Services.AddSingleton<SwitchKey>();
    }

    /// <summary>
    /// Maps <c>GET</c> and <c>PUT /simulation/{name}</c> when <c>Simulation:Switchable</c> is true, and nothing otherwise. Who calls them
    /// without the key gets 401; they are not counted as requests.
    /// </summary>
    /// <typeparam name="TState">What is switched, as JSON writes it.</typeparam>
    /// <param name="app">The service.</param>
    /// <param name="name">The last segment of the address.</param>
    /// <param name="json">How the state is written and read.</param>
    /// <param name="read">Gives the state in effect.</param>
    /// <param name="change">Takes a new state; returns what is wrong with it, or <see langword="null"/>.</param>
    public static void MapSimulationSwitch<TState>(
        this WebApplication app, string name, JsonTypeInfo<TState> json, Func<TState> read, Func<TState, string?> change)
        where TState : class
    {
        if (!app.Services.GetRequiredService<IOptions<SwitchOptions>>().Value.Switchable)
        {
            return;
        }

        var endpoints =
            app.MapGroup($"/simulation/{name}").AddEndpointFilter(app.Services.GetRequiredService<SwitchKey>()).DisableHttpMetrics();
        endpoints.MapGet("", () => TypedResults.Json(read(), json));
        // The body is read by hand, so that only a caller with the key has it read.
        endpoints.MapPut(
            "", async (HttpContext http) =>
                await ReadAsync(http, json) is { } state
                    ? Answer(change(state))
                    : Answer("The body must be a JSON object of the form that GET gives."));
    }

    private static IResult Answer(string? problem) => problem is null
        ? TypedResults.NoContent()
        : TypedResults.Problem(
            type: "urn:orderflow:problem:invalid-simulation", statusCode: StatusCodes.Status400BadRequest, detail: problem);

    private static async Task<TState?> ReadAsync<TState>(HttpContext http, JsonTypeInfo<TState> json)
        where TState : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.Body, json, http.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
