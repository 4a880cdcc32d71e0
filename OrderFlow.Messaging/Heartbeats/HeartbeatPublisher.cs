using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Heartbeats;

/// <summary>Tells whoever listens that this process is there, and how long events wait for it.</summary>
internal sealed class HeartbeatPublisher(
    MessagingWiring wiring, HandlingPace pace, PublisherConnection connection, IOptions<MessagingOptions> options, TimeProvider time,
    ILogger<HeartbeatPublisher> logger) : BackgroundService
{
    private const double LongWaitMs = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly CachedString Exchange = new(ServiceHeartbeat.Exchange);

    private readonly CachedString _key = new(wiring.Service);
    private readonly string _instance = $"{Environment.MachineName}:{Environment.ProcessId}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        long? told = null;
        var looked = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = time.GetTimestamp();
            var handled = pace.Take();
            var window = time.GetElapsedTime(looked, now);
            looked = now;
            if (told is not { } last || time.GetElapsedTime(last, now) >= options.Value.HeartbeatPeriod
                || handled.Any(events => events.MeanWaitMs > LongWaitMs))
            {
                told = now;
                await TellAsync(new ServiceHeartbeat(wiring.Service, _instance, window.TotalMilliseconds, handled), stoppingToken);
            }
        }
    }

    private async Task TellAsync(ServiceHeartbeat heartbeat, CancellationToken stoppingToken)
    {
        var body = heartbeat.Write();
        var properties = new BasicProperties
        {
            Type = ServiceHeartbeat.MessageType,
            AppId = wiring.Service,
            ContentType = "application/json",
            // Old ones help nobody.
            DeliveryMode = DeliveryModes.Transient,
            Expiration = "60000",
        };
        try
        {
            await connection.SendAsync(PendingPublish.Copying(body, Exchange, _key, requireSubscriber: false, properties))
                .WaitAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is PublishException or InvalidOperationException)
        {
            // The bus says what ails the broker; the next one is due soon.
            Log.HeartbeatNotSent(logger, wiring.Service, exception);
        }
    }
}
