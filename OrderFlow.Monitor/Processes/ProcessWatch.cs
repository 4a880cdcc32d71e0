using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Heartbeats;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Processes;

/// <summary>Hears the heartbeats of the services' processes, and knows which of them has fallen silent.</summary>
internal sealed class ProcessWatch(BrokerConnector connector, TimeProvider time, ILogger<ProcessWatch> logger) : BackgroundService
{
    /// <summary>After six heartbeats that did not come.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(1);

    /// <summary>One that ended is shown for a while, as silent; then it is forgotten.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(15);

    /// <summary>Processes that are remembered; of more, those that were heard first.</summary>
    private const int Most = 1000;

    /// <summary>What is told four times a second while events wait is over when it is not told any more.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, string Instance), Heard> _heard = [];
    private string? _problem;

    /// <summary>Takes note of a heartbeat.</summary>
    public void Hear(ServiceHeartbeat heartbeat)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _problem = null;
            var key = (heartbeat.Service, heartbeat.Instance);
            if (_heard.TryGetValue(key, out var before) || _heard.Count < Most)
            {
                _heard[key] = new Heard(before?.Since ?? now, now, heartbeat);
            }
        }
    }

    /// <summary>What is known now.</summary>
    public ProcessList Look()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            foreach (var (gone, _) in _heard.Where(one => now - one.Value.At > ForgottenAfter).ToList())
            {
                _heard.Remove(gone);
            }

            return new ProcessList(
                [
                    .. _heard.OrderBy(one => one.Key.Service, StringComparer.Ordinal)
                        .ThenBy(one => one.Key.Instance, StringComparer.Ordinal).Select(one => View(one.Key, one.Value, now)),
                ],
                _problem);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new HeartbeatSubscription(connector, time).RunAsync("monitor:heartbeats", Hear, Lost, stoppingToken);

    private void Lost(Exception exception)
    {
        Log.NoHeartbeats(logger, exception.Message);
        lock (_gate)
        {
            _problem = "The broker does not tell of the services' heartbeats at the moment.";
        }
    }

    private static ProcessView View((string Service, string Instance) key, Heard heard, DateTimeOffset now)
    {
        var waits = now - heard.At > Fresh ? [] : heard.Last.Handled.OrderByDescending(one => one.MeanWaitMs).ToList();
        return new ProcessView(
            key.Service, key.Instance, now - heard.At > SilentAfter ? "silent" : "live", heard.Since, heard.At,
            waits is [var longest, ..] ? longest.EventType : null, waits is [var most, ..] ? most.MeanWaitMs : null);
    }

    private sealed record Heard(DateTimeOffset Since, DateTimeOffset At, ServiceHeartbeat Last);
}

/// <summary>The processes that are, or were of late.</summary>
/// <param name="Processes">By service.</param>
/// <param name="Problem">Why it is not known; <see langword="null"/> when it is.</param>
internal sealed record ProcessList(IReadOnlyList<ProcessView> Processes, string? Problem);

/// <summary>A process of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Instance">The process: its machine and its number there.</param>
/// <param name="State"><c>live</c>, or <c>silent</c> when it has told nothing for a minute.</param>
/// <param name="Since">When it was heard first.</param>
/// <param name="HeardAt">When it was heard last.</param>
/// <param name="WaitingFor">The event that waits for it the longest now, beyond a tenth of a second.</param>
/// <param name="WaitMs">How long that waits, on the average, in milliseconds.</param>
public sealed record ProcessView(
    string Service, string Instance, string State, DateTimeOffset Since, DateTimeOffset HeardAt, string? WaitingFor, double? WaitMs);
