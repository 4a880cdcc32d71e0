using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>A real Prometheus that scrapes one target every half second; its data is thrown away with it.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orderflow-prometheus-");
    private readonly ConcurrentQueue<string> _said = new();
    private readonly Process _process;
    private readonly HttpClient _client;

    public PrometheusServer(Uri target)
    {
        var config = Path.Combine(_directory.FullName, "prometheus.yml");
        File.WriteAllText(config, $"""
            global:
              scrape_interval: 500ms
              scrape_timeout: 500ms
            scrape_configs:
              - job_name: test
                static_configs:
                  - targets: ['{target.Authority}']
            """);
        var port = FreePorts.Next();
        _process = PrometheusPrograms.Start("prometheus",
        [
            $"--config.file={config}",
            $"--storage.tsdb.path={Path.Combine(_directory.FullName, "data")}",
            $"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]);
        _process.OutputDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Asks until the answer has what is looked for; what it looked like at last is in the exception.</summary>
    public async Task<JsonElement> AskAsync(string pathAndQuery, Func<JsonElement, bool> isThere)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        clock.CancelAfter(Patience);
        using var rhythm = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var last = "no answer";
        try
        {
            do
            {
                try
                {
                    last = await _client.GetStringAsync(pathAndQuery, clock.Token);
                    var data = JsonDocument.Parse(last).RootElement.GetProperty("data");
                    if (isThere(data))
                    {
                        return data;
                    }
                }
                catch (HttpRequestException exception) when (!_process.HasExited)
                {
                    last = exception.Message;
                }
                catch (HttpRequestException exception)
                {
                    throw new InvalidOperationException(
                        $"prometheus ended with {_process.ExitCode}: {string.Join('\n', _said)}", exception);
                }
            }
            while (await rhythm.WaitForNextTickAsync(clock.Token));
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
        }

        throw new TimeoutException(
            $"Prometheus did not give what was looked for within {Patience.TotalSeconds} s at {pathAndQuery}: {last}");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }
}
