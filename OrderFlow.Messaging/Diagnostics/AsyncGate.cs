namespace OrderFlow.Messaging.Diagnostics;

/// <summary>Lets pass while open; costs nothing then.</summary>
internal sealed class AsyncGate(bool open)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _closed = open ? null : NewSignal();

    public bool IsOpen => Volatile.Read(ref _closed) is null;

    public void Set(bool open)
    {
        TaskCompletionSource? waiting = null;
        lock (_gate)
        {
            if (open)
            {
                (waiting, _closed) = (_closed, null);
            }
            else
            {
                _closed ??= NewSignal();
            }
        }

        waiting?.SetResult();
    }

    public ValueTask WaitAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _closed) is { } signal ? new ValueTask(signal.Task.WaitAsync(cancellationToken)) : ValueTask.CompletedTask;

    /// <summary>Waits for at most <paramref name="timeout"/>; <see langword="false"/> if the gate stayed closed.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _closed) is not { } signal)
        {
            return true;
        }

        try
        {
            await signal.Task.WaitAsync(timeout, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
