using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrderFlow.Hosting.Running;

/// <summary>
/// A small shell process that outlives the AppHost. It reads from a pipe which process groups run; when the pipe ends,
/// because the AppHost ended in whatever way, it kills every group that is left, and every process that carries the run's mark
/// in its environment (one that left its group, or that was started in the AppHost's last instant).
/// </summary>
internal sealed class Guardian : IDisposable
{
    /// <summary>Environment variable that marks every process of a run.</summary>
    public const string Mark = "ORDERFLOW_HOSTING_RUN";

    private const string Script = """
        trap '' HUP INT TERM
        groups=' '
        while read -r change group; do
            case $change in
                +) groups="$groups$group " ;;
                -) case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac ;;
            esac
        done
        for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
        for round in 1 2 3; do
            left=$(grep -lszx "$1" /proc/[0-9]*/environ) || break
            for file in $left; do file=${file#/proc/}; kill -s KILL "${file%/environ}" 2>/dev/null; done
        done
        """;

    private readonly HashSet<int> _groups = [];
    private readonly Lock _gate = new();
    private FileStream? _pipe;
    private ChildProcess? _shell;
    private bool _disposed;

    private Guardian()
    {
    }

    public string RunId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Id of the shell, for tests.</summary>
    public int Pid => _shell?.Pid ?? 0;

    public static Guardian Start()
    {
        var guardian = new Guardian();
        lock (guardian._gate)
        {
            guardian.StartShell();
        }

        return guardian;
    }

    public void Watch(int group)
    {
        lock (_gate)
        {
            _groups.Add(group);
            Tell('+', group);
        }
    }

    public void Forget(int group)
    {
        lock (_gate)
        {
            _groups.Remove(group);
            Tell('-', group);
        }
    }

    /// <summary>Lets the shell end, and with it whatever is left.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _pipe?.Dispose();
        }

        // Whoever waits for the AppHost may count on nothing being left.
        _shell?.Exited.Wait(TimeSpan.FromSeconds(5));
    }

    private void StartShell()
    {
        var (read, write) = Posix.Pipe();
        try
        {
            _shell = ChildProcess.StartWithInput(new("/bin/sh", ["-c", Script, "orderflow-guardian", $"{Mark}={RunId}"], "/", new Dictionary<string, string>(StringComparer.Ordinal)), read);
        }
        finally
        {
            _ = Posix.Close(read);
        }

        _pipe?.Dispose();
        _pipe = new(new SafeFileHandle(write, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        foreach (var group in _groups)
        {
            Tell('+', group);
        }

        _ = RestartWhenKilledAsync(_shell);
    }

    private async Task RestartWhenKilledAsync(ChildProcess shell)
    {
        await shell.Exited;
        lock (_gate)
        {
            if (!_disposed)
            {
                StartShell();
            }
        }
    }

    private void Tell(char change, int group)
    {
        if (_disposed)
        {
            return;
        }

        try
        {
            _pipe?.Write(Encoding.ASCII.GetBytes($"{change} {group}\n"));
        }
        catch (IOException)
        {
            // The shell was killed a moment ago. The next one is told about every group.
        }
    }
}
