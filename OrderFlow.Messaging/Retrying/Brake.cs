using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Diagnostics;

namespace OrderFlow.Messaging.Retrying;

/// <summary>
/// Slows the consumer down when nearly every event fails, which is no fault of the events: one event at a time, before each a pause
/// that doubles with every failure, and of which a success takes back four doublings. When it is short again, the brake is off: so it
/// stays on only while four in five fail, and events that fail for good do not hold up the others.
/// </summary>
internal sealed class Brake(MessagingWiring wiring, IOptions<MessagingOptions> options, MessagingDiagnostics diagnostics, TimeProvider time, ILogger<Brake> logger) : IDisposable
{
    private const int Relief = 16;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private readonly MessagingOptions options = options.Value;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private readonly Queue<(long At, bool Failed)> sample = new();
    private int failures;
    private TimeSpan pause;
    private volatile bool on;

    public bool IsOn => on;

    /// <summary>Waits while the brake is on; dispose when the event is done with. When <paramref name="draining"/> fires it lets pass at once.</summary>
    public ValueTask<Passage> EnterAsync(CancellationToken draining) => on ? EnterSlowlyAsync(draining) : default;

    public void Succeeded()
    {
        lock (gate)
        {
            if (!on)
            {
                // Free while nothing fails: the sample only matters beside failures.
                if (failures > 0)
                {
                    Remember(failed: false);
                }

                return;
            }

            pause /= Relief;
            if (pause >= Shortest)
            {
                return;
            }

            on = false;
            diagnostics.BrakeIsOn = false;
        }

        Log.BrakeOff(logger, wiring.Service);
    }

    /// <summary>An event failed for a reason that may pass; told once for each delivery, however often it is tried.</summary>
    public void Failed(Exception exception)
    {
        int failed;
        lock (gate)
        {
            if (on)
            {
                pause = pause * 2 < options.BrakeMaxPause ? pause * 2 : options.BrakeMaxPause;
                return;
            }

            Remember(failed: true);
            if (sample.Count < options.BrakeSample || failures < options.BrakeAtFailureRate * options.BrakeSample || time.GetElapsedTime(sample.Peek().At) > options.BrakeWindow)
            {
                return;
            }

            (failed, failures, pause, on) = (failures, 0, Shortest, true);
            sample.Clear();
            diagnostics.BrakeIsOn = true;
        }

        Log.BrakeOn(logger, failed, options.BrakeSample, wiring.Service, exception);
    }

    public void Dispose() => oneAtATime.Dispose();

    private TimeSpan Shortest => ShortestPause < options.BrakeMaxPause ? ShortestPause : options.BrakeMaxPause;

    private async ValueTask<Passage> EnterSlowlyAsync(CancellationToken draining)
    {
        try
        {
            await oneAtATime.WaitAsync(draining);
        }
        catch (OperationCanceledException)
        {
            return default;
        }

        if (!on)
        {
            oneAtATime.Release();
            return default;
        }

        await Task.Delay(CurrentPause(), time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new Passage(oneAtATime);
    }

    private TimeSpan CurrentPause()
    {
        lock (gate)
        {
            return pause;
        }
    }

    private void Remember(bool failed)
    {
        sample.Enqueue((time.GetTimestamp(), failed));
        failures += failed ? 1 : 0;
        if (sample.Count > options.BrakeSample)
        {
            failures -= sample.Dequeue().Failed ? 1 : 0;
        }
    }

    /// <summary>The way through the brake.</summary>
    internal readonly struct Passage(SemaphoreSlim? held) : IDisposable
    {
        public void Dispose() => held?.Release();
    }
}
