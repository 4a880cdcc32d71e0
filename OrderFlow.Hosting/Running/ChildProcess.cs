using Microsoft.Win32.SafeHandles;

namespace OrderFlow.Hosting.Running;

/// <summary>One process that the engine started, with everything that it starts in its own group.</summary>
internal sealed class ChildProcess
{
    private const int StackSize = 256 * 1024;
    private static readonly TimeSpan LastOutput = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Action<int>? _beforeReap;
    private bool _reaped;

    private ChildProcess(int pid, Action<int>? beforeReap)
    {
        Pid = pid;
        _beforeReap = beforeReap;
    }

    /// <summary>Id of the process and of its group.</summary>
    public int Pid { get; }

    /// <summary>Completes when the process has ended, its group is killed and its output is read.</summary>
    public Task<ExitStatus> Exited => _exited.Task;

    /// <summary>Starts a program whose output goes line by line to <paramref name="output"/>.</summary>
    /// <exception cref="DistributedApplicationException">The program cannot be started.</exception>
    public static ChildProcess Start(LaunchPlan plan, Action<string> output, Action<int>? beforeReap = null)
    {
        var (read, write) = Posix.Pipe();
        int pid;
        try
        {
            pid = Spawner.Start(plan, input: null, output: write);
        }
        catch
        {
            _ = Posix.Close(read);
            throw;
        }
        finally
        {
            _ = Posix.Close(write);
        }

        var reader = new LineReader(new SafeFileHandle(read, ownsHandle: true), output);
        var child = new ChildProcess(pid, beforeReap);
        InBackground($"output of {pid}", reader.ReadToEnd);
        InBackground($"wait for {pid}", () => child.WaitForEnd(reader.Ended));
        return child;
    }

    /// <summary>Starts a program that reads from <paramref name="input"/> and whose output goes nowhere.</summary>
    public static ChildProcess StartWithInput(LaunchPlan plan, int input)
    {
        var child = new ChildProcess(Spawner.Start(plan, input, output: null), beforeReap: null);
        InBackground($"wait for {child.Pid}", () => child.WaitForEnd(Task.CompletedTask));
        return child;
    }

    /// <summary>Asks the process to end. Its helpers end with it, so only the process itself is asked.</summary>
    public void Terminate() => Signal(Pid, Posix.SigTerm);

    /// <summary>Ends the process and its whole group at once.</summary>
    public void KillGroup() => Signal(-Pid, Posix.SigKill);

    private static void InBackground(string name, Action work) => new Thread(() => work(), StackSize) { IsBackground = true, Name = name }.Start();

    private void Signal(int target, int signal)
    {
        lock (_gate)
        {
            if (!_reaped)
            {
                _ = Posix.Kill(target, signal);
            }
        }
    }

    private void WaitForEnd(Task outputRead)
    {
        Posix.WaitUntilEnded(Pid);

        // While the process is a zombie its id cannot be given to another, so the group that is killed is surely its own.
        ExitStatus status;
        lock (_gate)
        {
            _ = Posix.Kill(-Pid, Posix.SigKill);
            _beforeReap?.Invoke(Pid);
            status = Posix.Reap(Pid);
            _reaped = true;
        }

        // A helper that left the group may hold the pipe open: its output is not worth waiting for.
        outputRead.Wait(LastOutput);
        _exited.SetResult(status);
    }
}
