using System.Runtime.InteropServices;

namespace OrderFlow.Cli.Faults;

/// <summary>Signals that .NET does not send.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>SIGSTOP has another number on macOS; the tool reads <c>/proc</c>, so it is for Linux.</summary>
    public const int Stop = 19;
    public const int Continue = 18;

    /// <returns>False when there is no such process any more.</returns>
    public static bool Send(int pid, int signal) => SendSignal(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
