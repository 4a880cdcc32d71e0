using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Latency;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor;

/// <summary>
/// One round of a background service that fails, in whatever way, is followed by the next one: it does not end the Monitor.
/// </summary>
public sealed class BackgroundWorkerTests
{
    [Fact]
    public async Task Frozen_broker_ends_no_background_worker()
    {
        // The client gives up waiting for the broker with a cancellation that nobody asked for.
        var tap = new FrozenBroker();
        await using var monitor = await RunningMonitor.StartAsync(
            "amqp://nobody:nothing@127.0.0.1:1", "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing");
        var time = new FakeTimeProvider();
        using var worker = ActivatorUtilities.CreateInstance<FlowWatchWorker>(
            monitor.Get<IServiceProvider>(),
            ActivatorUtilities.CreateInstance<FlowWatch>(monitor.Get<IServiceProvider>(), tap, time),
            new AlwaysReady(),
            time);

        await worker.StartAsync(TestContext.Current.CancellationToken);
        // A minute that passes before the worker begins to wait for its next round is none for it.
        await Wait.UntilAsync(
            () => $"it was asked {tap.Asked} times",
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return Task.FromResult(tap.Asked >= 3);
            });

        worker.ExecuteTask!.IsCompleted.ShouldBeFalse();
        await worker.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class AlwaysReady : ISchema
    {
        public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class FrozenBroker : ITap
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public bool IsListening => true;

        public TappedMessage? OldestUnstored => null;

        public Task<long?> WaitingAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromException<long?>(new TaskCanceledException("A task was canceled."));
        }

        public Task<QueueCount?> CountAsync(string queue, CancellationToken cancellationToken) =>
            Task.FromException<QueueCount?>(new TaskCanceledException());
    }
}
