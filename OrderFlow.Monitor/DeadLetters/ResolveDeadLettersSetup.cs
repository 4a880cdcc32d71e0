using Microsoft.AspNetCore.Http.HttpResults;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary><c>/api/dead-letters</c>: what waits in the dead-letter queues, and what is decided about it; the pages' forms are in <see cref="DecisionForms"/>.</summary>
internal static class ResolveDeadLettersSetup
{
    /// <summary>Decisions in one answer.</summary>
    private const int MostDecisions = 500;

    public static void AddResolveDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DecisionLog>();
        builder.Services.AddSingleton<DecisionReader>();
        builder.Services.AddSingleton<DeadLetterQueues>();
        builder.Services.AddSingleton<DeadLetterDecisions>();
        builder.Services.AddSingleton<OrderValues>();
        builder.Services.AddSingleton<DeadLetterList>();
        builder.Services.AddSingleton<DeadLetterReader>();
        builder.Services.AddSingleton<StagedReplays>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StagedReplays>());
    }

    public static void MapResolveDeadLetters(this WebApplication app)
    {
        app.MapGet("/api/dead-letters", async (DeadLetterList list, CancellationToken cancellationToken) => TypedResults.Ok(await list.ReadAsync(cancellationToken)));
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

    private static async Task<IResult> ReadPageAsync(string service, string? group, int? page, DeadLetterList list, CancellationToken cancellationToken) =>
        await list.ReadAsync(service, cancellationToken) switch
        {
            null => Api.Unknown($"Service {service}"),
            { Problem: { } problem } => Unavailable(problem),
            var look => TypedResults.Ok(DeadLetterPage.Of(look, group, page ?? 1)),
        };

    private static async Task<IResult> ReadOneAsync(string service, string id, DeadLetterQueues queues, DeadLetterReader reader, CancellationToken cancellationToken)
    {
        if (!queues.Knows(service))
        {
            return Api.Unknown($"Service {service}");
        }

        try
        {
            return await reader.FindAsync(service, id, cancellationToken) switch
            {
                { Found: { } found } => TypedResults.Ok(found),
                { Looked: false } => Unavailable("A replay or a discard has this queue at the moment; try again when that is through."),
                _ => TypedResults.Problem(
                    type: "urn:orderflow:problem:unknown",
                    statusCode: StatusCodes.Status404NotFound,
                    detail: $"Message {id} is no dead letter of {service}, or not any more. /api/events/{id} tells what became of it, if it is an event."),
            };
        }
        catch (ReplayException exception)
        {
            return Unavailable(exception.Message);
        }
    }

    private static async Task<IResult> ReadDecisionAsync(Guid run, DecisionReader decisions, CancellationToken cancellationToken) =>
        await decisions.FindAsync(run, cancellationToken) is { } decision ? TypedResults.Ok(decision) : Api.Unknown($"Decision {run}");

    private static async Task<IResult> StopAsync(Guid run, DecisionLog audit, DecisionReader decisions, HttpContext http)
    {
        if (await decisions.FindAsync(run, http.RequestAborted) is null)
        {
            return Api.Unknown($"Decision {run}");
        }

        return await audit.StopAsync(run, Requester.Of(http))
            ? TypedResults.Accepted(AddressOf(run))
            : Conflict($"Decision {run} is over, or no ramp: there is nothing to stop.");
    }

    private static Task<IResult> ReplayAsync(string service, Decision decision, DeadLetterQueues queues, DeadLetterDecisions decisions, StagedReplays ramps, DecisionReader reader, HttpContext http) =>
        AnswerAsync(service, decision, queues, discard: false, async () => decision switch
        {
            { Ramp: false } => TypedResults.Ok(await decisions.ReplayAsync(service, decision, Requester.Of(http))),
            { DryRun: true } => TypedResults.Ok(await ramps.TryAsync(service, decision)),
            _ => await ramps.StartAsync(service, decision, Requester.Of(http)) is { } run
                ? TypedResults.Accepted(AddressOf(run), await reader.FindAsync(run, CancellationToken.None))
                : Conflict($"A ramp of {service} goes on. Two at once would each judge by the failures of the other; stop it, or wait for its end."),
        });

    private static Task<IResult> DiscardAsync(string service, Decision decision, DeadLetterQueues queues, DeadLetterDecisions decisions, HttpContext http) =>
        AnswerAsync(service, decision, queues, discard: true, async () => TypedResults.Ok(await decisions.DiscardAsync(service, decision, Requester.Of(http))));

    private static async Task<IResult> AnswerAsync(string service, Decision decision, DeadLetterQueues queues, bool discard, Func<Task<IResult>> carryOut)
    {
        if (!queues.Knows(service))
        {
            return Api.Unknown($"Service {service}");
        }

        if (decision.Problems(discard) is { Count: > 0 } problems)
        {
            return Api.Refuse(problems);
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
        TypedResults.Problem(type: "urn:orderflow:problem:dead-letters-unavailable", statusCode: StatusCodes.Status503ServiceUnavailable, detail: problem));

    private static ProblemHttpResult Conflict(string problem) =>
        TypedResults.Problem(type: "urn:orderflow:problem:ramp-conflict", statusCode: StatusCodes.Status409Conflict, detail: problem);
}
