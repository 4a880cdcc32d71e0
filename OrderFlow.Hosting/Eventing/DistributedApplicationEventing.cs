using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Eventing;

internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly List<(Type Event, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];
    private readonly Lock _gate = new();

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        var subscription = new DistributedApplicationEventSubscription((happened, token) => callback((T)happened, token));
        lock (_gate)
        {
            _subscriptions.Add((typeof(T), subscription));
        }

        return subscription;
    }

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent =>
        Subscribe<T>((happened, token) => ReferenceEquals(happened.Resource, resource) ? callback(happened, token) : Task.CompletedTask);

    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.RemoveAll(s => ReferenceEquals(s.Subscription, subscription));
        }
    }

    public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        DistributedApplicationEventSubscription[] interested;
        lock (_gate)
        {
            interested = [.. _subscriptions.Where(s => s.Event == typeof(T)).Select(s => s.Subscription)];
        }

        foreach (var subscription in interested)
        {
            await subscription.Callback(@event, cancellationToken);
        }
    }
}
