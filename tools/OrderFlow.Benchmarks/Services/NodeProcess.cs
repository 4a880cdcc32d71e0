using System.Diagnostics;

namespace OrderFlow.Benchmarks.Services;

/// <summary>
/// A server that one of the AppHost's scripts runs, in the session of this process: sessions share the processors among each other, and
/// the servers of a system that is compared are to share them with its services, as OrderFlow's do. It ends with this process, however
/// that ends.
/// </summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    // The script becomes the server, so that its id is the server's. What runs in the background of a shell ignores Ctrl-C.
    private const string Guard = """
        exec 3<&0
        "$1" </dev/null 3<&- &
        node=$!
        (cat <&3 >/dev/null; kill -s "$2" $node) 2>/dev/null &
        guard=$!
        wait $node
        code=$?
        kill $guard
        exit $code
        """;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly List<string> _output = [];

    /// <param name="script">The script's path.</param>
    /// <param name="signal">What ends the server, such as <c>QUIT</c>.</param>
    /// <param name="environment">What the script asks for.</param>
    public NodeProcess(string script, string signal, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("env", ["--ignore-signal=INT", "sh", "-c", Guard, "guard", script, signal])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>The end of what it has said.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output.TakeLast(100));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(StopTimeout);
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? "");
        }
    }
}
