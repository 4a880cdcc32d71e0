using System.Collections.Concurrent;
using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>
/// Stands for the broker, shared by the replicas of a test: it remembers what it took, and whether one event ever was under way twice at a
/// time.
/// </summary>
internal sealed class RecordingPublisher : IEncodedEventPublisher
{
    private readonly ConcurrentDictionary<Guid, byte> _underway = [];

    public ConcurrentQueue<EncodedEvent> Taken { get; } = [];

    public ConcurrentQueue<Guid> Overlaps { get; } = [];

    /// <summary>Sizes of the sets that were published at once.</summary>
    public ConcurrentQueue<int> Batches { get; } = [];

    /// <summary>What is wrong with an event; <see langword="null"/> if it is taken.</summary>
    public Func<EncodedEvent, Exception?> Answer { get; set; } = _ => null;

    /// <summary>Runs when the broker has the events and their confirms have not come back.</summary>
    public Func<CancellationToken, Task> BeforeConfirm { get; set; } = _ => Task.CompletedTask;

    /// <summary>The version of every event that is published here.</summary>
    public int Version { get; set; } = 1;

    public IEnumerable<Guid> TakenIds => Taken.Select(@event => @event.Context.EventId);

    public string WireTypeOf(IMessage @event) =>
        EventCatalog.WireTypes.FirstOrDefault(entry => entry.Value == @event.Descriptor).Key
        ?? throw new InvalidOperationException($"{@event.Descriptor.Name} is not published here.");

    public int VersionOf(IMessage @event) => Version;

    public async Task<IReadOnlyList<Exception?>> PublishAsync(
        IReadOnlyList<EncodedEvent> events, bool packed, CancellationToken cancellationToken)
    {
        Batches.Enqueue(events.Count);
        foreach (var @event in events)
        {
            if (!_underway.TryAdd(@event.Context.EventId, 0))
            {
                Overlaps.Enqueue(@event.Context.EventId);
            }
        }

        try
        {
            var failures = events.Select(@event => Answer(@event)).ToList();
            foreach (var (@event, failure) in events.Zip(failures))
            {
                if (failure is null)
                {
                    Taken.Enqueue(@event);
                }
            }

            await BeforeConfirm(cancellationToken);
            return failures;
        }
        finally
        {
            foreach (var @event in events)
            {
                _underway.TryRemove(@event.Context.EventId, out _);
            }
        }
    }
}
