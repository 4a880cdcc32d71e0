namespace OrderFlow.Gateway.ShedLoad;

/// <summary>
/// Lets in what can be worked on in time. While orders wait for long, only as many come in as are taken, a few more or fewer as the wait is
/// shorter or longer than it may be: so it stays what it may be, and nothing that could be done is turned away.
/// </summary>
internal sealed class Admission(TimeSpan longestWait, TimeProvider time)
{
    /// <summary>How much of the error in the wait goes into the rate: more would swing, because the wait is told late.</summary>
    private const double Gain = 0.5;

    /// <summary>What comes in at least, of what is taken, while far too many wait.</summary>
    private const double Least = 0.2;

    /// <summary>So few that wait are no crowd, however slowly they are taken.</summary>
    private const double Fewest = 1500;

    /// <summary>Orders a second that come in at least: from nothing, nothing grows.</summary>
    private const double LeastRate = 10;

    /// <summary>
    /// How fast what is taken is believed to be more, and to be less: it varies, and it is less than what could be taken when few come in.
    /// </summary>
    private const double Learnt = 0.3;
    private const double Forgotten = 0.05;

    /// <summary>What may come in more each time that nobody waits: at once would let in the next crowd.</summary>
    private const double Growth = 1.1;

    /// <summary>The limit ends when nobody was turned away for so long.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    /// <summary>What may come at once after a pause.</summary>
    private const double BurstSeconds = 0.1;

    private readonly Lock _gate = new();
    private volatile bool _isLimited;
    private double _taken;
    private double _rate;
    private double _tokens;
    private long _filledAt;
    private long _refusedAt;

    /// <summary>Whether orders are turned away when more come than are taken.</summary>
    public bool IsLimited => _isLimited;

    /// <summary>Whether one more may come in.</summary>
    public bool TryAdmit()
    {
        if (!_isLimited)
        {
            return true;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(Math.Max(1, _rate * BurstSeconds), _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * _rate));
            _filledAt = now;
            if (_tokens < 1)
            {
                _refusedAt = now;
                return false;
            }

            _tokens--;
            return true;
        }
    }

    /// <summary>Lets everybody in: nobody is turned away for what is not known.</summary>
    public void Open() => _isLimited = false;

    /// <summary>Decides anew how many come in; about four times a second.</summary>
    public void Decide(Pace pace)
    {
        if (longestWait <= TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            var someWait = pace.Rate > 0 && pace.Wait >= longestWait / 10;
            if (_isLimited && !someWait)
            {
                _rate *= Growth;
                _isLimited = time.GetElapsedTime(_refusedAt) < Rest;
                return;
            }

            if (!_isLimited)
            {
                if (!someWait || pace.Wait < longestWait || pace.Wait.TotalSeconds * pace.Rate < Fewest)
                {
                    return;
                }

                (_taken, _tokens) = (pace.Rate, 0);
                _filledAt = _refusedAt = time.GetTimestamp();
            }

            _taken += (pace.Rate - _taken) * (pace.Rate > _taken ? Learnt : Forgotten);
            var wanted = _taken / pace.Gateways * Math.Max(Least, 1 + (Gain * ((longestWait - pace.Wait) / longestWait)));
            _rate = Math.Max(LeastRate, wanted);
            _isLimited = true;
        }
    }
}
