using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>
/// Offers orders to a Gateway: at a rate, whatever the answers do (open loop), or as many as keep a number of orders under way between
/// their request and their end (closed loop).
/// </summary>
public sealed class LoadRun : IDisposable
{
    private const int Accepted = 202;
    private const int MostConnections = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly LoadSettings _settings;
    private readonly OrderRequests _requests;
    private readonly LatencyRecorder _answers = new();
    private readonly ConcurrentStack<GatewayConnection> _resting = new();
    private readonly ConcurrentBag<GatewayConnection> _connections = [];
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _allAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sent;
    private int _accepted;
    private int _refused;
    private int _failed;
    private int _ended;
    private long _began;
    private volatile bool _stopped;

    public LoadRun(LoadSettings settings) => (_settings, _requests) = (settings, new(settings.Port));

    /// <summary>Offers the orders and waits for the last answer.</summary>
    public async Task<LoadResult> RunAsync()
    {
        _began = LatencyRecorder.Now;
        if (_settings.Rate > 0)
        {
            await Task.Factory.StartNew(OfferAtRate, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        else
        {
            for (var connection = 0; connection < _settings.Connections; connection++)
            {
                _resting.Push(Connect());
            }

            SendWhatMayBeSent();
            await Task.WhenAny(_stop.Task, Task.Delay(TimeSpan.FromSeconds(_settings.Seconds)));
        }

        _stopped = true;
        EndIfAllAnswered();
        await _allAnswered.Task.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var answered = _accepted + _refused + _failed;
        return new(_sent, _accepted, _refused, _failed + _sent - answered, _answers.Summarize());
    }

    /// <summary>Takes note of how many orders have come to their end, and sends as many new ones as may be under way.</summary>
    /// <param name="ended">Since the beginning of the load.</param>
    public void Ended(int ended)
    {
        Volatile.Write(ref _ended, ended);
        SendWhatMayBeSent();
    }

    /// <summary>Ends a closed loop before its time.</summary>
    public void Stop() => _stop.TrySetResult();

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private void OfferAtRate()
    {
        var start = LatencyRecorder.Now;
        var perOrder = TimeSpan.TicksPerSecond / (double)_settings.Rate;
        var total = (int)(_settings.Rate * _settings.Seconds);
        for (var order = 0; order < total; order++)
        {
            var due = TimeSpan.FromTicks((long)(order * perOrder));
            while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < due)
            {
                Thread.Sleep(due - elapsed > Tick ? due - elapsed : Tick);
            }

            Interlocked.Increment(ref _sent);
            var dueAt = start + (long)(due.TotalSeconds * Stopwatch.Frequency);
            if ((_resting.TryPop(out var resting) ? resting : _connections.Count < MostConnections ? Connect() : null) is { } connection)
            {
                connection.Send(_requests.Next(), dueAt);
            }
            else
            {
                Interlocked.Increment(ref _failed);
            }
        }
    }

    private void SendWhatMayBeSent()
    {
        while (!_stopped && _settings.Rate == 0 && _resting.TryPop(out var connection))
        {
            if (!TryEnter())
            {
                _resting.Push(connection);
                return;
            }

            connection.Send(_requests.Next(), LatencyRecorder.Now);
        }
    }

    private bool TryEnter()
    {
        if (_stopped)
        {
            return false;
        }

        if (Interlocked.Increment(ref _sent) - Volatile.Read(ref _ended) - _refused - _failed <= MayBeInFlight())
        {
            return true;
        }

        Interlocked.Decrement(ref _sent);
        return false;
    }

    private int MayBeInFlight() => Stopwatch.GetElapsedTime(_began).TotalSeconds is var elapsed && elapsed < _settings.Ramp
        ? Math.Max(1, (int)(_settings.InFlight * elapsed / _settings.Ramp))
        : _settings.InFlight;

    private byte[]? Answered(GatewayConnection connection, int status)
    {
        Count(connection, status);
        if (status != 0 && _settings.Rate == 0 && TryEnter())
        {
            return _requests.Next();
        }

        if (status != 0)
        {
            _resting.Push(connection);
        }

        EndIfAllAnswered();
        return null;
    }

    private void Count(GatewayConnection connection, int status)
    {
        switch (status)
        {
            case Accepted:
                _answers.Add(connection.DueAt);
                Interlocked.Increment(ref _accepted);
                break;
            case 0:
                Interlocked.Increment(ref _failed);
                break;
            default:
                Interlocked.Increment(ref _refused);
                break;
        }
    }

    private void EndIfAllAnswered()
    {
        var answered = Volatile.Read(ref _accepted) + Volatile.Read(ref _refused) + Volatile.Read(ref _failed);
        if (_stopped && answered >= Volatile.Read(ref _sent))
        {
            _allAnswered.TrySetResult();
        }
    }

    private GatewayConnection Connect()
    {
        try
        {
            var connection = new GatewayConnection(_settings.Port, Answered);
            _connections.Add(connection);
            return connection;
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException($"Nothing listens at port {_settings.Port} for orders.", exception);
        }
    }
}
