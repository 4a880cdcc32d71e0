using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Messaging.Postgres.Inbox;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>What of a replica runs.</summary>
[Flags]
internal enum Parts
{
    None = 0,
    Dispatcher = 1,
    Sweeper = 2,
    Cleanup = 4,
    Counters = 8,
    Scheduler = 16,
}

/// <summary>One replica of a service, with the parts of it that the test wants running. Disposing it is its graceful stop.</summary>
internal sealed class Replica : IAsyncDisposable
{
    /// <summary>A counter for the tests' handlers.</summary>
    public static readonly DurableCounter Things = new(
        "Tests", "tests.things", "{thing}", "Things by colour.", ["colour"], ["red"], ["blue"]);

    private readonly IHost _host;
    private readonly List<IHostedService> _running = [];

    private Replica(IHost host) => _host = host;

    public TransactionalBatch Batch => Get<TransactionalBatch>();

    public static async Task<Replica> StartAsync(
        string connectionString, RecordingPublisher publisher, Parts parts = Parts.None, Action<DurabilityOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:orders", connectionString)]);
        builder.AddDurability("orders");
        builder.AddDurableCounters(Things);
        builder.AddEndToEndLatency(["OrderCreationFlow"], endedWell: "false");
        builder.Services.AddSingleton<IEncodedEventPublisher>(publisher);
        builder.Services.Configure<DurabilityOptions>(options =>
        {
            (options.SweepInterval, options.CleanupInterval) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
            // A sweep takes what is left behind at once, but not what is about to be dispatched.
            options.SweepAge = parts.HasFlag(Parts.Dispatcher) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
            (options.CounterInterval, options.CounterFoldInterval, options.CounterHandover) = (
                TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50), TimeSpan.Zero);
            options.CounterLease = TimeSpan.FromSeconds(2);
            options.ScheduleInterval = TimeSpan.FromMilliseconds(20);
            configure?.Invoke(options);
        });

        var replica = new Replica(builder.Build());
        await replica.RunAsync<DatabaseMigrator>(true);
        await replica.Get<DatabaseMigrator>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await replica.RunAsync<OutboxDispatcher>(parts.HasFlag(Parts.Dispatcher));
        await replica.RunAsync<OutboxSweeper>(parts.HasFlag(Parts.Sweeper));
        await replica.RunAsync<EventScheduler>(parts.HasFlag(Parts.Scheduler));
        await replica.RunAsync<InboxCleanup>(parts.HasFlag(Parts.Cleanup));
        await replica.RunAsync<CounterLeader>(parts.HasFlag(Parts.Counters));
        return replica;
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_running))
        {
            await service.StopAsync(CancellationToken.None);
        }

        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private async Task RunAsync<TService>(bool wanted)
        where TService : IHostedService
    {
        if (wanted)
        {
            _running.Add(Get<TService>());
            await _running[^1].StartAsync(CancellationToken.None);
        }
    }
}
