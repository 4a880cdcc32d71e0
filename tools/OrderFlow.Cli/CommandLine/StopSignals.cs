using System.Runtime.InteropServices;

namespace OrderFlow.Cli.CommandLine;

/// <summary>Ctrl-C and SIGTERM: the first stops sending, the second stops waiting, the third ends the program.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _sending = new();
    private readonly CancellationTokenSource _waiting = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _received;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
    ];

    public CancellationToken StopSending => _sending.Token;

    public CancellationToken StopWaiting => _waiting.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _sending.Dispose();
        _waiting.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        var count = Interlocked.Increment(ref _received);
        signal.Cancel = count <= 2;
        if (count == 1)
        {
            _sending.Cancel();
        }
        else if (count == 2)
        {
            _waiting.Cancel();
        }
    }
}
