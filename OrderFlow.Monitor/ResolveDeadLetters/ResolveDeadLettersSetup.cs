using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using OrderFlow.Messaging.Replaying;

namespace OrderFlow.Monitor.ResolveDeadLetters;

/// <summary><c>GET /api/dead-letters</c>, <c>POST /api/dead-letters/{service}/replay</c> and <c>…/discard</c>, <c>GET /api/dead-letters/decisions</c>, and the same decisions from the page's form.</summary>
internal static class ResolveDeadLettersSetup
{
    /// <summary>Decisions in one answer.</summary>
    private const int MostDecisions = 500;

    public static void AddResolveDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DecisionLog>();
        builder.Services.AddSingleton<DeadLetterDecisions>();
        builder.Services.AddSingleton<DeadLetterList>();
    }

    public static void MapResolveDeadLetters(this WebApplication app)
    {
        app.MapGet("/api/dead-letters", async (DeadLetterList list, CancellationToken cancellationToken) => TypedResults.Ok(await list.ReadAsync(cancellationToken)));
        app.MapGet("/api/dead-letters/decisions", async (DecisionLog audit, CancellationToken cancellationToken) =>
            TypedResults.Ok(new DecisionList(await audit.LatestAsync(MostDecisions, cancellationToken))));
        app.MapPost("/api/dead-letters/{service}/replay", ReplayAsync);
        app.MapPost("/api/dead-letters/{service}/discard", DiscardAsync);
        app.MapPost("/dead-letters/decided", DecideAsync);
    }

    private static Task<IResult> ReplayAsync(string service, Decision decision, DeadLetterDecisions decisions, HttpContext http) =>
        AnswerAsync(service, decision, decisions, discard: false, async () => TypedResults.Ok(await decisions.ReplayAsync(service, decision, Requester.Of(http))));

    private static Task<IResult> DiscardAsync(string service, Decision decision, DeadLetterDecisions decisions, HttpContext http) =>
        AnswerAsync(service, decision, decisions, discard: true, async () => TypedResults.Ok(await decisions.DiscardAsync(service, decision, Requester.Of(http))));

    private static async Task<IResult> AnswerAsync(string service, Decision decision, DeadLetterDecisions decisions, bool discard, Func<Task<IResult>> carryOut)
    {
        if (!decisions.Knows(service))
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
            return TypedResults.Problem(type: "urn:orderflow:problem:dead-letters-unavailable", statusCode: StatusCodes.Status503ServiceUnavailable, detail: exception.Message);
        }
    }

    /// <summary>Leads back to the list, which says what came of it, or to the question again.</summary>
    private static async Task<RedirectHttpResult> DecideAsync(HttpRequest request, DeadLetterDecisions decisions, DeadLetterList list)
    {
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        var service = form["service"].ToString();
        var decision = Decision.Of(name => form[name].ToString());
        var discard = form["act"] == "discard";
        if (!decisions.Knows(service) || decision.Problems(discard).Count > 0)
        {
            return Lead("/dead-letters/decide", [.. form.Select(field => (field.Key, (string?)field.Value.ToString()))]);
        }

        try
        {
            if (discard)
            {
                var discarded = await decisions.DiscardAsync(service, decision, Requester.Of(request.HttpContext));
                list.Forget();
                return Lead("/dead-letters", ("service", service), ("discarded", $"{discarded.Discarded}"), ("file", discarded.WrittenTo));
            }

            var result = await decisions.ReplayAsync(service, decision, Requester.Of(request.HttpContext));
            list.Forget();
            return Lead("/dead-letters", ("service", service), ("replayed", $"{result.Replayed}"), ("run", $"{result.RunId}"));
        }
        catch (ReplayException exception)
        {
            return Lead("/dead-letters", ("service", service), ("problem", exception.Message));
        }
    }

    private static RedirectHttpResult Lead(string path, params IEnumerable<(string Name, string? Value)> parameters) =>
        TypedResults.LocalRedirect(QueryHelpers.AddQueryString(path, parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))));
}
