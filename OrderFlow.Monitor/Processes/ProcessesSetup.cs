namespace OrderFlow.Monitor.Processes;

/// <summary><c>GET /api/processes</c>: which processes of the services are there, and how long events wait for them.</summary>
internal static class ProcessesSetup
{
    public static void AddProcesses(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ProcessWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ProcessWatch>());
    }

    public static void MapProcesses(this WebApplication app) =>
        app.MapGet("/api/processes", (ProcessWatch processes) => TypedResults.Ok(processes.Look()));
}
