using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Alerts;

/// <summary>
/// <c>/api/alerts</c>: what fires, is about to, is silenced and was; who takes it on; and where Alertmanager tells of it. The pages' forms
/// are below <c>/alerts</c>.
/// </summary>
internal static class AlertsSetup
{
    private const string Page = "/alerts";
    private const int MostFiring = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void AddAlerts(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AlertOptions>().BindConfiguration(AlertOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AlertOptions>, AlertOptionsValidator>();
        builder.Services.AddHttpClient(AlertSources.ClientName, client => client.Timeout = Patience);
        // Each chat has a time of its own. Its address is a secret, which the client's log would tell.
        builder.Services.AddHttpClient(ChatSender.ClientName).RemoveAllLoggers();
        builder.Services.AddSingleton<ChatList>();
        builder.Services.AddSingleton<AlertStore>();
        builder.Services.AddSingleton<AlertSources>();
        builder.Services.AddSingleton<AlertReader>();
        builder.Services.AddHostedService<ChatSender>();
        builder.Services.AddHostedService<AlertWorker>();
    }

    public static void MapAlerts(this WebApplication app)
    {
        app.MapGet("/api/alerts", async (AlertReader alerts, CancellationToken cancellationToken) =>
            TypedResults.Ok(await alerts.ReadAsync(cancellationToken)));
        app.MapPost("/api/alerts/notifications", TakeAsync);
        app.MapPost("/api/alerts/{fingerprint}/acknowledge", AcknowledgeAsync);
        app.MapPost("/api/alerts/{fingerprint}/silence", SilenceAsync);
        app.MapDelete("/api/alerts/silences/{id:guid}", EndSilenceAsync);
        app.MapPost(Page + "/{fingerprint}/acknowledge", (string fingerprint, HttpRequest request, AlertStore alerts) =>
            ActAsync(request, form => AcknowledgeAsync(
                fingerprint, new Acknowledgement(form("by")), alerts, request.HttpContext.RequestAborted)));
        app.MapPost(Page + "/{fingerprint}/silence", (
            string fingerprint, HttpRequest request, AlertStore alerts, AlertSources sources, TimeProvider time) =>
            ActAsync(request, form => SilenceAsync(
                fingerprint,
                new SilenceRequest(
                    form("by"), form("comment"),
                    double.TryParse(form("minutes"), NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) ? minutes : null),
                alerts, sources, time, request.HttpContext.RequestAborted)));
        app.MapPost(Page + "/silences/{id:guid}/end", (Guid id, HttpRequest request, AlertSources sources) =>
            ActAsync(request, _ => EndSilenceAsync(id, sources, request.HttpContext.RequestAborted)));
    }

    private static async Task<IResult> TakeAsync(AlertNotification notification, AlertStore alerts, CancellationToken cancellationToken)
    {
        if (notification.Problem is { } problem)
        {
            return ApiProblem.InvalidQuery("alerts", problem);
        }

        await alerts.SaveAsync(notification, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AcknowledgeAsync(
        string fingerprint, Acknowledgement acknowledgement, AlertStore alerts, CancellationToken cancellationToken) =>
        Acknowledgement.ProblemOf(acknowledgement.By) is { } problem ? ApiProblem.InvalidQuery("by", problem)
        : await alerts.AcknowledgeAsync(fingerprint, Ingestion.HeaderJson.Clean(acknowledgement.By!.Trim()), cancellationToken) is { } alert
            ? TypedResults.Ok(alert)
        : Conflict($"Alert {fingerprint} does not fire, or somebody has acknowledged it already.");

    private static async Task<IResult> SilenceAsync(
        string fingerprint, SilenceRequest request, AlertStore alerts, AlertSources sources, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (request.Problems() is { Count: > 0 } problems)
        {
            return ApiProblem.InvalidQuery(problems);
        }

        if (!sources.HasAlertmanager)
        {
            return Unavailable("No Alertmanager is configured, and only it can be silent.");
        }

        var firing = await alerts.FiringAsync(MostFiring, cancellationToken);
        if (firing.Find(one => one.Fingerprint == fingerprint) is not { } alert)
        {
            return Conflict($"Alert {fingerprint} does not fire.");
        }

        var now = time.GetUtcNow();
        return await TryAsync(async () =>
        {
            var id = await sources.SilenceAsync(
                alert.Labels, now, now + TimeSpan.FromMinutes(request.Minutes!.Value), request.By!.Trim(), request.Comment!.Trim(),
                cancellationToken);
            return TypedResults.Ok(new SilenceMade(id));
        });
    }

    private static Task<IResult> EndSilenceAsync(Guid id, AlertSources sources, CancellationToken cancellationToken) =>
        sources.HasAlertmanager
            ? TryAsync(async () => await sources.EndSilenceAsync(id, cancellationToken)
                ? TypedResults.NoContent()
                : ApiProblem.NotStored($"Silence {id}"))
            : Task.FromResult<IResult>(Unavailable("No Alertmanager is configured."));

    /// <summary>Carries out what a form asks for, and leads back to the page, with what is wrong.</summary>
    private static async Task<IResult> ActAsync(HttpRequest request, Func<Func<string, string>, Task<IResult>> act)
    {
        var (form, noForm) = await BodyCheck.ReadFormAsync(request);
        if (form is null)
        {
            return noForm!;
        }

        return await act(name => form[name].ToString()) switch
        {
            ValidationProblem { ProblemDetails.Errors: var errors } => Again(
                string.Join(' ', errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"))),
            ProblemHttpResult { ProblemDetails.Detail: var detail } => Again(detail),
            _ => TypedResults.LocalRedirect(Page),
        };

        static RedirectHttpResult Again(string? problem) =>
            TypedResults.LocalRedirect(QueryHelpers.AddQueryString(Page, "problem", problem ?? ""));
    }

    private static async Task<IResult> TryAsync(Func<Task<IResult>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException exception) when (exception.StatusCode == System.Net.HttpStatusCode.BadRequest)
        {
            return Conflict("Alertmanager refuses this silence.");
        }
        catch (HttpRequestException exception)
        {
            var answer = exception.StatusCode?.ToString() ?? exception.HttpRequestError.ToString();
            return Unavailable($"Alertmanager does not answer as it should ({answer}).");
        }
        catch (OperationCanceledException)
        {
            return Unavailable("Alertmanager does not answer in time.");
        }
    }

    private static ProblemHttpResult Unavailable(string problem) => TypedResults.Problem(
        type: "urn:orderflow:problem:alertmanager-unavailable", statusCode: StatusCodes.Status503ServiceUnavailable, detail: problem);

    private static ProblemHttpResult Conflict(string problem) => TypedResults.Problem(
        type: "urn:orderflow:problem:alert-conflict", statusCode: StatusCodes.Status409Conflict, detail: problem);
}

/// <summary>The silence that was made.</summary>
internal sealed record SilenceMade(string Id);
