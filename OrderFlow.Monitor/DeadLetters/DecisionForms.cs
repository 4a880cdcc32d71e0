using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The decisions of the API, from the pages' forms.</summary>
internal static class DecisionForms
{
    public static void MapDecisionForms(this WebApplication app)
    {
        app.MapPost("/dead-letters/decided", DecideAsync);
        app.MapPost("/dead-letters/decisions/{run:guid}/stop", async (Guid run, DecisionLog decisionLog, HttpContext http) =>
        {
            await decisionLog.StopAsync(run, Requester.Of(http));
            return Lead(PageOf(run));
        });
    }

    /// <summary>Leads to the page that says what comes of it, or to the question again.</summary>
    private static async Task<IResult> DecideAsync(
        HttpRequest request, DeadLetterQueues queues, DecisionExecutor decisions, StagedReplays stagedReplays, DeadLetterList list)
    {
        var (form, noForm) = await BodyCheck.ReadFormAsync(request);
        if (form is null)
        {
            return noForm!;
        }

        var service = form["service"].ToString();
        var decision = DeadLetterDecision.Of(name => form[name].ToString());
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
                list.Invalidate();
                return Lead("/dead-letters", ("service", service), ("discarded", $"{discarded.Discarded}"), ("file", discarded.WrittenTo));
            }

            if (decision.Ramp)
            {
                return await stagedReplays.StartAsync(service, decision, requester) is { } run
                    ? Lead(PageOf(run))
                    : Again(
                        $"A staged replay of {service} is running. Two at once would each judge by the failures of the other: stop "
                        + "it, or wait for its end.");
            }

            var replayed = await decisions.ReplayAsync(service, decision, requester);
            list.Invalidate();
            return Lead(PageOf(replayed.RunId));
        }
        catch (ReplayException exception)
        {
            list.Invalidate();
            return Lead("/dead-letters", ("service", service), ("problem", exception.Message));
        }

        RedirectHttpResult Again(string? problem) =>
            Lead("/dead-letters/decide", [.. form.Select(field => (field.Key, (string?)field.Value.ToString())), ("problem", problem)]);
    }

    private static string PageOf(Guid run) => $"/dead-letters/decisions/{run}";

    private static RedirectHttpResult Lead(string path, params IEnumerable<(string Name, string? Value)> parameters) =>
        TypedResults.LocalRedirect(QueryHelpers.AddQueryString(
            path,
            parameters
                .Where(parameter => parameter.Value is not null)
                .Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))));
}
