using System.Runtime.InteropServices;

namespace OrderFlow.Hosting.Running;

/// <summary>The calls of the C library that .NET does not offer: process groups, waiting without reaping.</summary>
internal static unsafe partial class Posix
{
    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    public const short SpawnSetProcessGroup = 0x02;
    public const short SpawnSetSignalDefaults = 0x04;
    public const short SpawnSetSignalMask = 0x08;

    public const int NoSuchFile = 2;
    public const int Interrupted = 4;
    public const int NotPermitted = 13;

    private const string Library = "libc";
    private const int PidType = 1;
    private const int ExitedOnly = 4;
    private const int CloseOnExec = 1;
    private const int SetDescriptorFlags = 2;
    private static readonly int DoNotReap = OperatingSystem.IsMacOS() ? 0x20 : 0x01000000;
    private static readonly int PipeCloseOnExec = 0x80000;

    /// <summary>A pipe that no child inherits unless it is told to.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        Check(OperatingSystem.IsMacOS() ? PipePlain(ends) : PipeWithFlags(ends, PipeCloseOnExec), "pipe");
        if (OperatingSystem.IsMacOS())
        {
            Check(FileControl(ends[0], SetDescriptorFlags, CloseOnExec), "fcntl");
            Check(FileControl(ends[1], SetDescriptorFlags, CloseOnExec), "fcntl");
        }

        return (ends[0], ends[1]);
    }

    /// <summary>Blocks until the child has ended, and leaves it a zombie, so that its id stays taken.</summary>
    public static void WaitUntilEnded(int pid)
    {
        var info = stackalloc byte[256];
        while (WaitId(PidType, pid, info, ExitedOnly | DoNotReap) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new InvalidOperationException($"Waiting for process {pid} failed: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }
    }

    /// <summary>Takes the ended child's exit status and frees its id.</summary>
    public static ExitStatus Reap(int pid)
    {
        int status;
        while (WaitPid(pid, &status, 0) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new InvalidOperationException($"Reaping process {pid} failed: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }

        var signal = status & 0x7f;
        return signal == 0 ? new((status >> 8) & 0xff, Signal: null) : new(128 + signal, signal);
    }

    /// <summary>Takes back that a signal is ignored; .NET leaves an ignored one as it is.</summary>
    public static void HandleByDefault(int signal) => Signal(signal, 0);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "getppid")]
    public static partial int ParentProcessId();

    [LibraryImport(Library, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(out int pid, string path, void* fileActions, void* attributes, byte** arguments, byte** variables);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int FileActionsInit(void* fileActions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int FileActionsDestroy(void* fileActions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileActionsAddOpen(void* fileActions, int descriptor, string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int FileActionsAddDup2(void* fileActions, int descriptor, int asDescriptor);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileActionsAddChangeDirectory(void* fileActions, string path);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int AttributesDestroy(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setpgroup")]
    public static partial int AttributesSetProcessGroup(void* attributes, int group);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetSignalDefaults(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetSignalMask(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "sigemptyset")]
    public static partial int SignalSetEmpty(void* signals);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    public static partial int SignalSetFill(void* signals);

    [LibraryImport(Library, EntryPoint = "signal", SetLastError = true)]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, int id, void* info, int options);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    private static partial int PipeWithFlags(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "pipe", SetLastError = true)]
    private static partial int PipePlain(int* ends);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int value);

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }
}

/// <summary>How a process ended. <paramref name="Code"/> is 128 plus the signal when a signal ended it, as shells say it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExitStatus(int Code, int? Signal)
{
    /// <inheritdoc />
    public override string ToString() => Signal switch
    {
        null => $"exited with code {Code}",
        Posix.SigKill => "was killed (SIGKILL)",
        Posix.SigTerm => "was terminated (SIGTERM)",
        6 => "aborted (SIGABRT)",
        11 => "crashed (SIGSEGV)",
        { } signal => $"ended by signal {signal}",
    };
}
