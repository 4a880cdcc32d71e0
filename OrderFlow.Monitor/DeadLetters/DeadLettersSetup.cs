using Microsoft.AspNetCore.Http.HttpResults;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// <c>/api/dead-letters</c>: what waits in the dead-letter queues, and what is decided about it; the pages' forms are in
/// <see cref="DecisionForms"/>.
/// </summary>
internal static class DeadLettersSetup
{
    /// <summary>Decisions in one answer.</summary>
    private const int MostDecisions = 500;

    public static void AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DecisionLog>();
        builder.Services.AddSingleton<DecisionReader>();
        builder.Services.AddSingleton<DeadLetterQueues>();
        builder.Services.AddSingleton<DecisionExecutor>();
        builder.Services.AddSingleton<OrderValues>();
        builder.Services.AddSingleton<DeadLetterList>();
        builder.Services.AddSingleton<DeadLetterReader>();
        builder.Services.AddSingleton<StagedReplays>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StagedReplays>());
    }

    public static void MapDeadLetters(this WebApplication app)
    {
        app.MapGet(
            "/api/dead-letters",
            async (DeadLetterList list, CancellationToken cancellationToken) => TypedResults.Ok(await list.ReadAsync(cancellationToken)));
        app.MapGet("/api/dead-letters/{service}/messages", ReadPageAsync);
        app.MapGet("/api/dead-letters/{service}/messages/{id}", ReadOneAsync);
        app.MapGet("/api/dead-letters/decisions", async (DecisionReader decisions, CancellationToken cancellationToken) =>
            TypedResults.Ok(new DecisionList(await decisions.LatestAsync(MostDecisions, cancellationToken))));
        app.MapGet("/api/dead-letters/decisions/{run:guid}", ReadDecisionAsync);
        app.MapPost("/api/dead-letters/decisions/{run:guid}/stop", StopAsync);
        app.MapPost("/api/dead-letters/{service}/replay", ReplayAsync);
        app.MapPost("/api/dead-letters/{service}/discard", DiscardAsync);
        app.MapDecisionForms();
    }

    private static async Task<IResult> ReadPageAsync(
        string service, int? page, HttpRequest request, DeadLetterList list, CancellationToken cancellationToken)
    {
        var filter = DeadLetterFilter.Of(request.Query, out var problems);
        return problems.Count > 0 ? ApiProblem.InvalidQuery(problems) : await list.ReadAsync(service, cancellationToken) switch
        {
            null => ApiProblem.NotStored($"Service {service}"),
            { Problem: { } problem } => Unavailable(problem),
            var found => TypedResults.Ok(DeadLetterMessages.Of(found, filter, page ?? 1)),
        };
    }

    private static async Task<IResult> ReadOneAsync(
        string service, string id, DeadLetterQueues queues, DeadLetterReader reader, CancellationToken cancellationToken)
    {
        if (!queues.Knows(service))
        {
            return ApiProblem.NotStored($"Service {service}");
        }

        try
        {
            return await reader.FindAsync(service, id, cancellationToken) switch
            {
                { Found: { } found } => TypedResults.Ok(found),
                { HadTurn: false } => Unavailable("A replay or a discard has this queue at the moment; try again when that is through."),
                _ => TypedResults.Problem(
                    type: "urn:orderflow:problem:unknown",
                    statusCode: StatusCodes.Status404NotFound,
                    detail: $"Message {id} is no dead letter of {service}, or not any more. /api/events/{id} says what became of it, "
                        + "if it is an event."),
            };
        }
        catch (ReplayException exception)
        {
            return Unavailable(exception.Message);
        }
    }

    private static async Task<IResult> ReadDecisionAsync(Guid run, DecisionReader decisions, CancellationToken cancellationToken) =>
        await decisions.FindAsync(run, cancellationToken) is { } decision
            ? TypedResults.Ok(decision)
            : ApiProblem.NotStored($"Decision {run}");

    private static async Task<IResult> StopAsync(Guid run, DecisionLog decisionLog, DecisionReader decisions, HttpContext http)
    {
        if (await decisions.FindAsync(run, http.RequestAborted) is null)
        {
            return ApiProblem.NotStored($"Decision {run}");
        }

        return await decisionLog.StopAsync(run, Requester.Of(http))
            ? TypedResults.Accepted(AddressOf(run))
            : Conflict($"Decision {run} is over, or no staged replay: there is nothing to stop.");
    }

    private static Task<IResult> ReplayAsync(
        string service,
        DeadLetterDecision decision,
        DeadLetterQueues queues,
        DecisionExecutor decisions,
        StagedReplays stagedReplays,
        DecisionReader reader,
        HttpContext http) =>
        AnswerAsync(service, decision, queues, discard: false, async () => decision switch
        {
            { Ramp: false } => TypedResults.Ok(await decisions.ReplayAsync(service, decision, Requester.Of(http))),
            { DryRun: true } => TypedResults.Ok(await stagedReplays.TryAsync(service, decision)),
            _ => await stagedReplays.StartAsync(service, decision, Requester.Of(http)) is { } run
                ? TypedResults.Accepted(AddressOf(run), await reader.FindAsync(run, CancellationToken.None))
                : Conflict(
                    $"A staged replay of {service} is running. Two at once would each judge by the failures of the other; stop it, "
                    + "or wait for its end."),
        });

    private static Task<IResult> DiscardAsync(
        string service, DeadLetterDecision decision, DeadLetterQueues queues, DecisionExecutor decisions, HttpContext http) =>
        AnswerAsync(
            service,
            decision,
            queues,
            discard: true,
            async () => TypedResults.Ok(await decisions.DiscardAsync(service, decision, Requester.Of(http))));

    private static async Task<IResult> AnswerAsync(
        string service, DeadLetterDecision decision, DeadLetterQueues queues, bool discard, Func<Task<IResult>> carryOut)
    {
        if (!queues.Knows(service))
        {
            return ApiProblem.NotStored($"Service {service}");
        }

        if (decision.Problems(discard) is { Count: > 0 } problems)
        {
            return ApiProblem.InvalidQuery(problems);
        }

        try
        {
            return await carryOut();
        }
        catch (ReplayException exception)
        {
            return Unavailable(exception.Message);
        }
    }

    private static string AddressOf(Guid run) => $"/api/dead-letters/decisions/{run}";

    private static RetryLater Unavailable(string problem) => new(
        TypedResults.Problem(
            type: "urn:orderflow:problem:dead-letters-unavailable", statusCode: StatusCodes.Status503ServiceUnavailable, detail: problem));

    private static ProblemHttpResult Conflict(string problem) =>
        TypedResults.Problem(type: "urn:orderflow:problem:ramp-conflict", statusCode: StatusCodes.Status409Conflict, detail: problem);
}
