namespace OrderFlow.Hosting.Running;

/// <summary>
/// Notices that the <c>dotnet run</c> or <c>run.sh</c> that started the AppHost is gone. They cannot pass on a SIGKILL,
/// and an application that nobody can stop with Ctrl-C any more should not run on.
/// </summary>
internal sealed class ParentWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stopping = new();

    public ParentWatch(Action gone)
    {
        if (OperatingSystem.IsLinux() && Starters() is { Count: > 0 } starters)
        {
            _ = WatchAsync(starters, gone);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task WatchAsync(List<(int Pid, string Started)> starters, Action gone)
    {
        using var timer = new PeriodicTimer(Interval);
        var token = _stopping.Token;
        while (!token.IsCancellationRequested)
        {
            if (starters.Any(starter => StartOf(starter.Pid)?.Started != starter.Started))
            {
                gone();
                return;
            }

            try
            {
                await timer.WaitForNextTickAsync(token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>The chain of parents as long as it consists of such starters.</summary>
    private static List<(int Pid, string Started)> Starters()
    {
        List<(int Pid, string Started)> starters = [];
        var pid = Posix.ParentProcessId();
        while (pid > 1 && IsStarter(pid) && StartOf(pid) is { } process)
        {
            starters.Add((pid, process.Started));
            pid = process.Parent;
        }

        return starters;
    }

    private static bool IsStarter(int pid)
    {
        var arguments = ReadOrNothing($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var isDotnetRun = arguments.Length > 1 && Path.GetFileName(arguments[0]) == "dotnet" && arguments.Skip(1).Take(2).Any(argument => argument is "run" or "watch");
        return isDotnetRun || arguments.Take(3).Any(argument => Path.GetFileName(argument) == "run.sh");
    }

    /// <summary>Its start time tells the process from a later one with the same id. A zombie counts as gone.</summary>
    private static (int Parent, string Started)? StartOf(int pid)
    {
        const int StateField = 0;
        const int ParentField = 1;
        const int StartedField = 19;
        var status = ReadOrNothing($"/proc/{pid}/stat");
        var fields = status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartedField && fields[StateField] != "Z" ? (int.Parse(fields[ParentField]), fields[StartedField]) : null;
    }

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
