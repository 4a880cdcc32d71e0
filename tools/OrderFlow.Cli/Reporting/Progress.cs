using Spectre.Console;

namespace OrderFlow.Cli.Reporting;

/// <summary>Shows the run while it runs: one line that changes on a terminal, one line a second elsewhere.</summary>
internal sealed class Progress(TextWriter output, bool isTerminal)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    /// <summary>Says something that is worth a line of its own.</summary>
    public void WriteLine(string text)
    {
        if (isTerminal)
        {
            AnsiConsole.MarkupLineInterpolated($"{text}");
            return;
        }

        Write(text);
    }

    /// <summary>
    /// Shows what <paramref name="look"/> sees, once a second and once more at the end, which is when the answer is disposed.
    /// </summary>
    public IAsyncDisposable Show(Func<TimeSpan, string> look, TimeProvider time)
    {
        var start = time.GetTimestamp();
        var finished = new CancellationTokenSource();
        return new Showing(finished, isTerminal
            ? AnsiConsole.Live(new Text(""))
                .StartAsync(live => RepeatAsync(() => live.UpdateTarget(new Text(look(time.GetElapsedTime(start)))), time, finished.Token))
            : RepeatAsync(() => Write(look(time.GetElapsedTime(start))), time, finished.Token));
    }

    private static async Task RepeatAsync(Action show, TimeProvider time, CancellationToken finished)
    {
        while (!finished.IsCancellationRequested)
        {
            await Task.Delay(Every, time, finished).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            show();
        }
    }

    private void Write(string text)
    {
        lock (_gate)
        {
            output.WriteLine(text);
        }
    }

    private sealed class Showing(CancellationTokenSource finished, Task showing) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await finished.CancelAsync();
            await showing;
            finished.Dispose();
        }
    }
}
