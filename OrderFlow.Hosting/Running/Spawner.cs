using System.Collections;
using System.Runtime.InteropServices;

namespace OrderFlow.Hosting.Running;

/// <summary>Starts a program in a process group of its own, but in the session of the AppHost: the kernel shares the CPU by session.</summary>
internal static unsafe class Spawner
{
    // More than any C library needs for these opaque structures.
    private const int OpaqueSize = 1024;
    private const int ReadOnly = 0;

    /// <param name="plan">What to start.</param>
    /// <param name="input">Descriptor for its standard input; null for nothing to read.</param>
    /// <param name="output">Descriptor for its standard output and error; null for none.</param>
    /// <returns>The id of the process and of its group.</returns>
    /// <exception cref="DistributedApplicationException">The program cannot be started.</exception>
    public static int Start(LaunchPlan plan, int? input, int? output)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        var signals = stackalloc byte[OpaqueSize];
        using var arguments = new NativeStrings([plan.Program, .. plan.Arguments]);
        using var variables = new NativeStrings(EnvironmentFor(plan));

        Check(Posix.FileActionsInit(actions));
        Check(Posix.AttributesInit(attributes));
        try
        {
            Redirect(actions, 0, input);
            Redirect(actions, 1, output);
            Redirect(actions, 2, output);
            Check(Posix.FileActionsAddChangeDirectory(actions, plan.WorkingDirectory));

            // .NET ignores SIGPIPE, and whoever started the AppHost may ignore others; a child starts with a clean slate.
            Check(Posix.SignalSetFill(signals));
            Check(Posix.AttributesSetSignalDefaults(attributes, signals));
            Check(Posix.SignalSetEmpty(signals));
            Check(Posix.AttributesSetSignalMask(attributes, signals));
            Check(Posix.AttributesSetProcessGroup(attributes, 0));
            Check(Posix.AttributesSetFlags(attributes, Posix.SpawnSetProcessGroup | Posix.SpawnSetSignalDefaults | Posix.SpawnSetSignalMask));

            var error = Posix.Spawn(out var pid, plan.Program, actions, attributes, arguments.Pointers, variables.Pointers);
            return error == 0 ? pid : throw new DistributedApplicationException(Explain(plan, error));
        }
        finally
        {
            _ = Posix.FileActionsDestroy(actions);
            _ = Posix.AttributesDestroy(attributes);
        }
    }

    private static void Redirect(void* actions, int descriptor, int? to)
    {
        if (to is { } open)
        {
            Check(Posix.FileActionsAddDup2(actions, open, descriptor));
        }
        else
        {
            Check(Posix.FileActionsAddOpen(actions, descriptor, "/dev/null", descriptor == 0 ? ReadOnly : ReadOnly | 1, 0));
        }
    }

    private static IReadOnlyList<string> EnvironmentFor(LaunchPlan plan)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry inherited in Environment.GetEnvironmentVariables())
        {
            variables[(string)inherited.Key] = (string?)inherited.Value ?? "";
        }

        foreach (var (name, value) in plan.Variables)
        {
            variables[name] = value;
        }

        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static string Explain(LaunchPlan plan, int error) => error switch
    {
        Posix.NoSuchFile when !Directory.Exists(plan.WorkingDirectory) => $"{plan.Program} cannot start: its working directory {plan.WorkingDirectory} does not exist.",
        Posix.NoSuchFile => $"{plan.Program} cannot start: it, or the interpreter in its first line, does not exist.",
        Posix.NotPermitted => $"{plan.Program} cannot start: permission denied. Is it executable?",
        _ => $"{plan.Program} cannot start: {Marshal.GetPInvokeErrorMessage(error)}.",
    };

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"Preparing a process failed: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>A list of strings as the C library wants it: pointers to UTF-8, ended by a null pointer.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
            }
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointers[i]);
            }

            NativeMemory.Free(Pointers);
        }
    }
}
