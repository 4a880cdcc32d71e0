using Microsoft.Extensions.Options;

namespace OrderFlow.OrderService.SimulateWork;

/// <summary>Takes as long as the options say, evenly spread between the shortest and the longest.</summary>
internal sealed class SimulatedWork(IOptions<SimulationOptions> options, TimeProvider time)
{
    private readonly SimulationOptions _options = options.Value;

    public Task DoAsync(CancellationToken cancellationToken)
    {
        if (_options.MaxWorkMs == 0)
        {
            return Task.CompletedTask;
        }

        var milliseconds = Random.Shared.Next(_options.MinWorkMs, _options.MaxWorkMs + 1);
        return Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, cancellationToken);
    }
}
