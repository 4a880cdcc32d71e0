using OrderFlow.Contracts;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Heartbeats;

namespace OrderFlow.Gateway.ShedLoad;

/// <summary>Hears from the services how long events wait for them, and decides four times a second how many orders come in.</summary>
internal sealed class HeartbeatListener(
    OrderPace pace, Admission admission, BrokerConnector connector, TimeProvider time, ILogger<HeartbeatListener> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private readonly long _began = time.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var hearing = new HeartbeatSubscription(connector, time).RunAsync(
            $"{ServiceNames.Gateway}:heartbeats",
            heartbeat => pace.Hear(heartbeat, time.GetElapsedTime(_began)),
            exception =>
            {
                Log.NothingHeard(logger, exception.Message);
                admission.Open();
            },
            stoppingToken);
        // One without the other is of no use: whichever fails is told at once.
        await await Task.WhenAny(hearing, DecideAsync(stoppingToken));
    }

    private async Task DecideAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var (before, now) = (admission.IsLimited, pace.Look(time.GetElapsedTime(_began)));
            admission.Decide(now);
            if (admission.IsLimited && !before)
            {
                Log.OrdersWait(logger, now.Wait.TotalMilliseconds, now.Rate);
            }
        }
    }
}
