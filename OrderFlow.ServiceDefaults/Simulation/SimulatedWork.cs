using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Simulation;

/// <summary>Pretends to work for as long as the options say, evenly spread between the shortest and the longest time.</summary>
public sealed class SimulatedWork
{
    private readonly SimulatedWorkOptions _options;
    private readonly TimeProvider _time;

    internal SimulatedWork(IOptions<SimulatedWorkOptions> options, TimeProvider time) => (_options, _time) = (options.Value, time);

    /// <summary>Returns when the pretended work is done; at once when it is switched off.</summary>
    public Task DoAsync(CancellationToken cancellationToken)
    {
        if (_options.MaxWorkMs == 0)
        {
            return Task.CompletedTask;
        }

        var milliseconds = Random.Shared.Next(_options.MinWorkMs, _options.MaxWorkMs + 1);
        return Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time, cancellationToken);
    }
}
