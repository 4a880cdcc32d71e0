namespace OrderFlow.Cli.Faults;

/// <summary>
/// What everything passes that the tool sends: orders, duplicates, reordered messages, garbage. Closed, it holds back what comes and waits
/// for what is under way; opened, all of it comes at once.
/// </summary>
internal sealed class TrafficGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _opened;
    private TaskCompletionSource? _empty;
    private int _inside;

    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _opened is not null;
            }
        }
    }

    /// <summary>Waits while the gate is closed.</summary>
    /// <returns>To be disposed of when what was sent is answered, with whether it had to wait.</returns>
    public async Task<Passage> EnterAsync(CancellationToken cancellationToken)
    {
        for (var waited = false; ; waited = true)
        {
            Task opened;
            lock (_lock)
            {
                if (_opened is null)
                {
                    _inside++;
                    return new Passage(this, waited);
                }

                opened = _opened.Task;
            }

            await opened.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Holds back what comes from now on.</summary>
    /// <returns>Ends when nothing is under way any more.</returns>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _opened ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_inside == 0)
            {
                return Task.CompletedTask;
            }

            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }

    /// <summary>Lets everything through.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _opened?.SetResult();
            _opened = null;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_inside == 0)
            {
                _empty?.SetResult();
                _empty = null;
            }
        }
    }

    /// <summary>One that is through.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="waited">Whether it was held back.</param>
    internal sealed class Passage(TrafficGate gate, bool waited) : IDisposable
    {
        private int _left;

        public bool Waited => waited;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave();
            }
        }
    }
}
