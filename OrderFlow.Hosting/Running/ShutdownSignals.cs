using System.Runtime.InteropServices;

namespace OrderFlow.Hosting.Running;

/// <summary>Ctrl-C, SIGTERM and SIGHUP: the first ends the application gracefully, the second at once.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations;
    private int _count;

    public ShutdownSignals(Action gracefully, Action immediately)
    {
        // A shell that starts a program in the background has it ignore SIGINT; whoever sends one all the same means it.
        Posix.HandleByDefault(Posix.SigInt);
        _registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                (Interlocked.Increment(ref _count) == 1 ? gracefully : immediately)();
            })),
        ];
    }

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());
}
