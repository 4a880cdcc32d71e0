using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The decisions of the API, from the pages' forms.</summary>
internal static class DecisionForms
{
    public static void MapDecisionForms(this WebApplication app)
    {
        app.MapPost("/dead-letters/decided", DecideAsync);
        app.MapPost("/dead-letters/decisions/{run:guid}/stop", async (Guid run, DecisionLog audit, HttpContext http) =>
        {
            await audit.StopAsync(run, Requester.Of(http));
            return Lead(PageOf(run));
        });
    }

    /// <summary>Leads to the page that says what comes of it, or to the question again.</summary>
    private static async Task<IResult> DecideAsync(HttpRequest request, DeadLetterQueues queues, DeadLetterDecisions decisions, StagedReplays ramps, DeadLetterList list)
    {
        if (BodyCheck.WhyNoForm(request) is { } noForm)
        {
            return noForm;
        }

        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        var service = form["service"].ToString();
        var decision = Decision.Of(name => form[name].ToString());
        var requester = Requester.Of(request.HttpContext);
        var discard = form["act"] == "discard";
        if (!queues.Knows(service) || decision.Problems(discard) is { Count: > 0 })
        {
            return Again(null);
        }

        try
        {
            if (discard)
            {
                var discarded = await decisions.DiscardAsync(service, decision, requester);
                list.Forget();
                return Lead("/dead-letters", ("service", service), ("discarded", $"{discarded.Discarded}"), ("file", discarded.WrittenTo));
            }

            if (decision.Ramp)
            {
                return await ramps.StartAsync(service, decision, requester) is { } run
                    ? Lead(PageOf(run))
                    : Again($"A ramp of {service} goes on. Two at once would each judge by the failures of the other: stop it, or wait for its end.");
            }

            var replayed = await decisions.ReplayAsync(service, decision, requester);
            list.Forget();
            return Lead(PageOf(replayed.RunId));
        }
        catch (ReplayException exception)
        {
            list.Forget();
            return Lead("/dead-letters", ("service", service), ("problem", exception.Message));
        }

        RedirectHttpResult Again(string? problem) =>
            Lead("/dead-letters/decide", [.. form.Select(field => (field.Key, (string?)field.Value.ToString())), ("problem", problem)]);
    }

    private static string PageOf(Guid run) => $"/dead-letters/decisions/{run}";

    private static RedirectHttpResult Lead(string path, params IEnumerable<(string Name, string? Value)> parameters) =>
        TypedResults.LocalRedirect(QueryHelpers.AddQueryString(
            path, parameters.Where(parameter => parameter.Value is not null).Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))));
}
