using System.Text.Json;

namespace OrderFlow.Monitor.Alerts;

/// <summary>Puts together what is stored, and what Prometheus and Alertmanager say now.</summary>
internal sealed class AlertReader(AlertStore stored, AlertSources sources)
{
    private const int MostFiring = 200;
    private const int MostOfHistory = 100;
    private const int MostMessages = 20;

    public async Task<AlertList> ReadAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        if (!sources.HasAlertmanager)
        {
            problems.Add("No Alertmanager is configured (Monitor:AlertmanagerUrl): nobody is told of alerts, and none come here.");
        }

        var pending = await TryAsync(sources.PendingAsync, "Prometheus", problems, cancellationToken);
        var silences = await TryAsync(sources.SilencesAsync, "Alertmanager", problems, cancellationToken);
        return new AlertList(
            await stored.FiringAsync(MostFiring, cancellationToken), pending, silences,
            await stored.HistoryAsync(MostOfHistory, cancellationToken), await stored.UntoldAsync(MostMessages, cancellationToken),
            problems.Count == 0 ? null : string.Join(' ', problems));
    }

    private static async Task<IReadOnlyList<T>> TryAsync<T>(
        Func<CancellationToken, Task<IReadOnlyList<T>>> ask, string whom, List<string> problems, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or KeyNotFoundException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            problems.Add($"{whom} does not answer; what it knows is missing here.");
            return [];
        }
    }
}
