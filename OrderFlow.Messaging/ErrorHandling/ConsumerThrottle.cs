using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Slows the consumer down when nearly every event fails, which is no fault of the events: one event at a time, before each a pause
/// that doubles with every failure, and of which a success takes back four doublings. When it is short again, the throttle is off: so it
/// stays on only while four in five fail, and events that fail for good do not hold up the others.
/// </summary>
internal sealed class ConsumerThrottle(
    MessagingWiring wiring,
    IOptions<MessagingOptions> options,
    MessagingDiagnostics diagnostics,
    TimeProvider time,
    ILogger<ConsumerThrottle> logger) : IDisposable
{
    private const int Relief = 16;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private readonly MessagingOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Queue<(long At, bool Failed)> _sample = new();
    private int _failures;
    private TimeSpan _pause;
    private volatile bool _on;

    public bool IsOn => _on;

    /// <summary>
    /// Waits while the throttle is on; dispose when the event is done with. When <paramref name="draining"/> fires it lets pass at once.
    /// </summary>
    public ValueTask<Passage> EnterAsync(CancellationToken draining) => _on ? EnterSlowlyAsync(draining) : default;

    public void Succeeded()
    {
        lock (_gate)
        {
            if (!_on)
            {
                // Free while nothing fails: the sample only matters beside failures.
                if (_failures > 0)
                {
                    Remember(failed: false);
                }

                return;
            }

            _pause /= Relief;
            if (_pause >= Shortest)
            {
                return;
            }

            _on = false;
            diagnostics.ThrottleIsOn = false;
        }

        Log.ThrottleOff(logger, wiring.Service);
    }

    /// <summary>An event failed for a reason that may pass; told once for each delivery, however often it is tried.</summary>
    public void Failed(Exception exception)
    {
        int failed;
        lock (_gate)
        {
            if (_on)
            {
                _pause = _pause * 2 < _options.BrakeMaxPause ? _pause * 2 : _options.BrakeMaxPause;
                return;
            }

            Remember(failed: true);
            if (_sample.Count < _options.BrakeSample
                || _failures < _options.BrakeAtFailureRate * _options.BrakeSample
                || time.GetElapsedTime(_sample.Peek().At) > _options.BrakeWindow)
            {
                return;
            }

            (failed, _failures, _pause, _on) = (_failures, 0, Shortest, true);
            _sample.Clear();
            diagnostics.ThrottleIsOn = true;
        }

        Log.ThrottleOn(logger, failed, _options.BrakeSample, wiring.Service, exception);
    }

    public void Dispose() => _oneAtATime.Dispose();

    private TimeSpan Shortest => ShortestPause < _options.BrakeMaxPause ? ShortestPause : _options.BrakeMaxPause;

    private async ValueTask<Passage> EnterSlowlyAsync(CancellationToken draining)
    {
        try
        {
            await _oneAtATime.WaitAsync(draining);
        }
        catch (OperationCanceledException)
        {
            return default;
        }

        if (!_on)
        {
            _oneAtATime.Release();
            return default;
        }

        await Task.Delay(CurrentPause(), time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new Passage(_oneAtATime);
    }

    private TimeSpan CurrentPause()
    {
        lock (_gate)
        {
            return _pause;
        }
    }

    private void Remember(bool failed)
    {
        _sample.Enqueue((time.GetTimestamp(), failed));
        _failures += failed ? 1 : 0;
        if (_sample.Count > _options.BrakeSample)
        {
            _failures -= _sample.Dequeue().Failed ? 1 : 0;
        }
    }

    /// <summary>The way through the throttle.</summary>
    internal readonly struct Passage(SemaphoreSlim? held) : IDisposable
    {
        public void Dispose() => held?.Release();
    }
}
