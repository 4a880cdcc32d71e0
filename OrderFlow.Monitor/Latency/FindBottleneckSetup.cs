namespace OrderFlow.Monitor.Latency;

/// <summary><c>GET /api/stages?minutes=</c>: where the time went; <c>GET /api/bottleneck?minutes=</c>: what took longest.</summary>
internal static class FindBottleneckSetup
{
    private const int DefaultMinutes = 15;

    public static void AddFindBottleneck(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LedgerReader>();
        builder.Services.AddSingleton<StageWindows>();
    }

    public static void MapFindBottleneck(this WebApplication app)
    {
        app.MapGet("/api/stages", (string? minutes, StageWindows windows, CancellationToken cancellationToken) =>
            AnswerAsync(minutes, windows, report => TypedResults.Ok(report.Breakdown), cancellationToken));
        app.MapGet("/api/bottleneck", (string? minutes, StageWindows windows, CancellationToken cancellationToken) =>
            AnswerAsync(minutes, windows, report => TypedResults.Ok(report.Bottleneck), cancellationToken));
    }

    private static async Task<IResult> AnswerAsync(string? minutes, StageWindows windows, Func<StageReport, IResult> answer, CancellationToken cancellationToken)
    {
        var asked = string.IsNullOrEmpty(minutes) ? DefaultMinutes : int.TryParse(minutes, out var number) ? number : 0;
        return asked >= 1 && asked <= StageWindows.Longest
            ? answer(await windows.ReadAsync(asked, cancellationToken))
            : Api.Refuse(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["minutes"] = [$"must be a number from 1 to {StageWindows.Longest}"] });
    }
}
