using RabbitMQ.Client;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Publishes for many callers at once; each waits for the broker's confirm of its own message.</summary>
internal sealed class ConfirmedPublisher : IDisposable
{
    private const ulong Mask = (1 << 14) - 1;

    private readonly SemaphoreSlim _order = new(1, 1);
    private readonly TaskCompletionSource[] _pending = new TaskCompletionSource[Mask + 1];
    private readonly PipelinedPublisher _inner;

    public ConfirmedPublisher(IChannel channel) => _inner = new(channel, (first, last) =>
    {
        for (; first <= last; first++)
        {
            _pending[first & Mask].SetResult();
        }
    });

    public async Task PublishAsync(string queue, Guid eventId, ReadOnlyMemory<byte> body)
    {
        var confirm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _order.WaitAsync();
        try
        {
            _pending[(_inner.Sent + 1) & Mask] = confirm;
            await _inner.PublishAsync(queue, eventId, body);
        }
        finally
        {
            _order.Release();
        }

        await confirm.Task;
    }

    public void Dispose() => _order.Dispose();
}
