namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// How long a new order would wait in a queue, from how many are before it and how many are taken a second. The queue says only its length:
/// what was taken is what was put in and is not there any more.
/// </summary>
/// <remarks>
/// Other processes put in, too, and are not known: then fewer seem to be taken than are, so the rate is the best that was seen of late.
/// While orders are turned away everywhere, nothing comes in, and the rate is what it seems.
/// </remarks>
internal sealed class QueueWait(TimeSpan longest)
{
    /// <summary>So few are no crowd, however slowly they are taken.</summary>
    private const long Fewest = 1000;

    /// <summary>
    /// Looks that are taken together: what is put in and what is taken meet a single look at different moments. A queue that does not move
    /// for so long is no crowd but an outage, in which orders wait safely.
    /// </summary>
    private const int Looks = 8;

    private const double Forgotten = 0.005;
    private const double Learnt = 0.3;

    private readonly Queue<(long Length, long Put, TimeSpan Elapsed)> _looks = new();
    private double _rate;

    /// <summary>Whether a new order would wait for too long.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Takes note of a look at the queue.</summary>
    /// <param name="length">Messages that wait in it.</param>
    /// <param name="consumers">Who takes them.</param>
    /// <param name="put">Messages that this process has put in since the last look.</param>
    /// <param name="elapsed">How long ago that was.</param>
    public void Look(long length, long consumers, long put, TimeSpan elapsed)
    {
        _looks.Enqueue((length, put, elapsed));
        if (_looks.Count > Looks + 1)
        {
            _looks.Dequeue();
        }

        var since = _looks.Skip(1).ToList();
        var time = since.Sum(look => look.Elapsed.TotalSeconds);
        var taken = Math.Max(0, _looks.Peek().Length + since.Sum(look => look.Put) - length);
        if (time > 0)
        {
            Learn(taken / time);
        }

        var isOutage = since.Count == Looks && taken == 0;
        IsTooLong = longest > TimeSpan.Zero && consumers > 0 && !isOutage && _rate > 0
            && length > Math.Max(Fewest, _rate * longest.TotalSeconds);
    }

    /// <summary>The queue could not be looked at: nobody is turned away for what is not known.</summary>
    public void Forget()
    {
        _looks.Clear();
        IsTooLong = false;
    }

    private void Learn(double rate) => _rate = rate > _rate || IsTooLong ? _rate + ((rate - _rate) * Learnt) : _rate * (1 - Forgotten);
}
