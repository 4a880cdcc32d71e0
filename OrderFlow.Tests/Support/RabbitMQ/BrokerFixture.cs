using OrderFlow.Tests.Support.RabbitMQ;

[assembly: AssemblyFixture(typeof(BrokerFixture))]

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>The broker that the messaging tests share; started when the first of them asks for it.</summary>
public sealed class BrokerFixture : IAsyncDisposable
{
    private readonly Lazy<Task<RabbitNode>> _node = new(async () =>
    {
        var started = new RabbitNode();
        try
        {
            await started.StartAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    });

    public Task<RabbitNode> NodeAsync() => _node.Value;

    public async ValueTask DisposeAsync()
    {
        if (_node is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _node.Value).DisposeAsync();
        }
    }
}
