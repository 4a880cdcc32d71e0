using System.Threading.Channels;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>What became of the messages of one step. A failure stays one, whatever becomes of the message later.</summary>
internal sealed class ReplayOutcomes(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Copies, bool? Handled)> _messages = new(StringComparer.Ordinal);
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _sent;
    private int _handled;
    private int _failed;
    private long _heardAt;
    private string? _firstFailure;

    /// <summary>What the first one said that failed.</summary>
    public string? FirstFailure
    {
        get
        {
            lock (_gate)
            {
                return _firstFailure;
            }
        }
    }

    /// <summary>The step as it is now.</summary>
    public RampStep Of(RampStep step)
    {
        lock (_gate)
        {
            return step with { Sent = _sent, Handled = _handled, Failed = _failed };
        }
    }

    /// <summary>A message goes. Copies of one have one outcome, and so has all together that has no event id.</summary>
    public void Sending(string? messageId)
    {
        lock (_gate)
        {
            var key = KeyOf(messageId);
            var known = _messages.GetValueOrDefault(key);
            if (_sent == _handled + _failed)
            {
                _heardAt = time.GetTimestamp();
            }

            _messages[key] = known with { Copies = known.Copies + 1 };
            _sent++;
            Count(known.Handled, 1);
        }

        Changed();
    }

    /// <summary>Notes a life-cycle event of a service; those of messages that this step did not send are left out.</summary>
    public void Heard(string? messageId, string kind, string? exception)
    {
        lock (_gate)
        {
            var key = KeyOf(messageId);
            var now = kind == LifecycleEventNames.Handled;
            if (!_messages.TryGetValue(key, out var known) || known.Handled == false || known.Handled == now)
            {
                return;
            }

            Count(known.Handled, -known.Copies);
            Count(now, known.Copies);
            _messages[key] = known with { Handled = now };
            _firstFailure ??= now ? null : exception ?? kind;
            _heardAt = time.GetTimestamp();
        }

        Changed();
    }

    /// <summary>Something else changed, such as that all were sent.</summary>
    public void Changed() => _changes.Writer.TryWrite(true);

    /// <summary>No life-cycle event will be received any more.</summary>
    public void Deaf(Exception reason) => _changes.Writer.TryComplete(reason);

    /// <summary>Waits for a change. <see langword="false"/> when messages are under way and none had an outcome for so long.</summary>
    public async Task<bool> NextAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan? left;
            lock (_gate)
            {
                left = _sent == _handled + _failed ? null : longest - time.GetElapsedTime(_heardAt);
            }

            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            using var timeout = new CancellationTokenSource(left ?? Timeout.InfiniteTimeSpan, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                await _changes.Reader.ReadAsync(either.Token);
                return true;
            }
            catch (ChannelClosedException exception)
            {
                throw exception.InnerException ?? exception;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // An outcome may have arrived in the last moment; then the wait begins anew.
            }
        }
    }

    private static string KeyOf(string? messageId) => Guid.TryParse(messageId, out var id) ? id.ToString() : "";

    private void Count(bool? isHandled, int copies)
    {
        _handled += isHandled == true ? copies : 0;
        _failed += isHandled == false ? copies : 0;
    }
}
