using Microsoft.Extensions.Options;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>
/// The latest idempotency keys that this process has seen: for the moments until OrderService has stored an order, for requests at the
/// same time, and for when OrderService does not answer.
/// </summary>
internal sealed class RememberedKeys(IOptions<ClaimKeyOptions> options)
{
    private readonly int _most = options.Value.Remembered;
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, RememberedKey> _keys = [];
    private readonly Queue<RememberedKey> _over = new();

    /// <summary>The key's entry.</summary>
    /// <param name="orderId">The id that follows from the key.</param>
    /// <param name="fingerprint">What is ordered now.</param>
    /// <param name="isMine">Whether the order is to be placed by who asks, who then must <see cref="Leave"/>. Otherwise the entry says
    /// what is known.</param>
    public RememberedKey Enter(Guid orderId, string fingerprint, out bool isMine)
    {
        lock (_lock)
        {
            isMine = true;
            if (_keys.TryGetValue(orderId, out var known) && (known.Fingerprint != fingerprint || known.IsUnderWay || known.IsAccepted))
            {
                isMine = false;
                return known;
            }

            return _keys[orderId] = new RememberedKey(orderId, fingerprint);
        }
    }

    /// <summary>Gives the outcome to every request that waits for it, and remembers it.</summary>
    /// <param name="key">The entry.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="forget">Whether the key turned out to belong to another order.</param>
    public void Leave(RememberedKey key, KeyedOutcome outcome, bool forget)
    {
        lock (_lock)
        {
            key.End(outcome);
            if (forget)
            {
                _keys.Remove(key.OrderId);
                return;
            }

            _over.Enqueue(key);
            while (_over.Count > _most)
            {
                var oldest = _over.Dequeue();
                if (_keys.TryGetValue(oldest.OrderId, out var current) && ReferenceEquals(current, oldest))
                {
                    _keys.Remove(oldest.OrderId);
                }
            }
        }
    }
}

/// <summary>One attempt to place the order of a key.</summary>
internal sealed class RememberedKey(Guid orderId, string fingerprint)
{
    private readonly TaskCompletionSource<KeyedOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid OrderId => orderId;

    public string Fingerprint => fingerprint;

    /// <summary>How it ended, for who sent the same.</summary>
    public Task<KeyedOutcome> Outcome => _outcome.Task;

    public bool IsUnderWay => !_outcome.Task.IsCompleted;

    public bool IsAccepted => _outcome.Task is { IsCompletedSuccessfully: true, Result.Refusal: null };

    public void End(KeyedOutcome outcome) => _outcome.SetResult(outcome);
}
