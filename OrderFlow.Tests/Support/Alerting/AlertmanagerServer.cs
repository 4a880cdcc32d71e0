using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using OrderFlow.AppHost.Alerting;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.Support.Alerting;

/// <summary>A real Alertmanager with the repository's routes; its data is thrown away with it, not with a restart.</summary>
internal sealed class AlertmanagerServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _said = new();
    private readonly int _port;
    private Process? _process;

    private AlertmanagerServer(int port)
    {
        _port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public HttpClient Http { get; }

    /// <summary>Starts it with a configuration that is made as the AppHost makes it; groups are told of at once.</summary>
    public static async Task<AlertmanagerServer> StartAsync(int port, Func<string, string, Task> configure)
    {
        var server = new AlertmanagerServer(port);
        var soon = Path.Combine(server._directory.FullPath, "soon.yml");
        await File.WriteAllTextAsync(soon, File.ReadAllText(RabbitMQ.Repository.File("monitoring/alertmanager.yml"))
            .Replace("group_wait: 10s", "group_wait: 100ms", StringComparison.Ordinal)
            .Replace("group_wait: 5s", "group_wait: 100ms", StringComparison.Ordinal)
            .Replace("group_interval: 1m", "group_interval: 1s", StringComparison.Ordinal));
        await configure(soon, server._directory.FullPath);
        await server.RestartAsync();
        return server;
    }

    /// <summary>Kills it, and starts it again on its data.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        _process = PrometheusPrograms.Start("prometheus-alertmanager",
        [
            $"--config.file={Path.Combine(_directory.FullPath, AlertmanagerConfiguration.FileName)}",
            $"--storage.path={Path.Combine(_directory.FullPath, "data")}",
            "--cluster.listen-address=",
            $"--web.listen-address=127.0.0.1:{_port}",
        ]);
        _process.OutputDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.UntilAsync(() => $"Alertmanager is ready: {string.Join('\n', _said)}", async () =>
        {
            try
            {
                using var answer = await Http.GetAsync(new Uri("/-/ready", UriKind.Relative), TestContext.Current.CancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    /// <summary>Tells it of an alert, as Prometheus does.</summary>
    public async Task AlertAsync(string name, string severity, string team, DateTimeOffset? endsAt = null, params (string, string)[] labels)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alertname"] = name,
            ["severity"] = severity,
            ["team"] = team,
        };
        foreach (var (label, value) in labels)
        {
            all[label] = value;
        }

        using var answer = await Http.PostAsJsonAsync(
            "/api/v2/alerts",
            new[]
            {
                new
                {
                    labels = all,
                    annotations = new { summary = $"{name} <b>is</b> the matter", description = "As it was told." },
                    startsAt = endsAt is null ? (DateTimeOffset?)null : endsAt.Value.AddMinutes(-1),
                    endsAt,
                },
            },
            TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await EndAsync();
        _directory.Dispose();
    }

    private async Task EndAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
