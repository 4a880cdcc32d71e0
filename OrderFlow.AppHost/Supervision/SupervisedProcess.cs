namespace OrderFlow.AppHost.Supervision;

/// <summary>What is known of one process: whether it was asked to stop, and whether it waits to be started again.</summary>
internal sealed class SupervisedProcess(RestartPause pause)
{
    private readonly Lock _gate = new();
    private bool _stopped;
    private TaskCompletionSource? _waiting;

    /// <summary>It runs.</summary>
    public void Started()
    {
        lock (_gate)
        {
            // Whoever started it, nobody has to any more.
            CancelWaiting();
            _stopped = false;
            pause.Started();
        }
    }

    /// <summary>It was asked to end, and is not started again.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            CancelWaiting();
        }
    }

    /// <summary>It has ended.</summary>
    /// <returns>When to start it again; <see langword="null"/> when it was asked to end, or is about to be started again
    /// already.</returns>
    public Restart? Crashed()
    {
        lock (_gate)
        {
            if (_stopped || _waiting is not null)
            {
                return null;
            }

            _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var after = pause.AfterCrash();
            return new(after, pause.Crashes, _waiting.Task);
        }
    }

    /// <summary>It was started again: the next end is another crash. While it is being started its old state is still about.</summary>
    public void StartedAgain(Restart restart)
    {
        lock (_gate)
        {
            if (_waiting?.Task == restart.Cancelled)
            {
                _waiting = null;
            }
        }
    }

    private void CancelWaiting()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}

/// <summary>A process is to be started again.</summary>
/// <param name="Pause">Not before that.</param>
/// <param name="Crashes">How often in a row it crashed.</param>
/// <param name="Cancelled">Completes when it is not to be started, after all.</param>
internal sealed record Restart(TimeSpan Pause, int Crashes, Task Cancelled);
