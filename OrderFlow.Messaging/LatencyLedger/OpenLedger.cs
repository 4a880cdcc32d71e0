using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>
/// The ledger of a flow on its way through a process: the header that came, what the event that is handled has spent since, and the stage
/// that it is in. Every moment ends one stage and begins the next, so nothing can be missing from the sum. Immutable.
/// </summary>
/// <remarks>
/// Within the process the monotonic clock counts. A process hands the flow on at a moment of the wall clock; if that was set meanwhile, the
/// difference is <see cref="Stage.Unaccounted"/>. Less than a millisecond is no setting but the reading of two clocks, and goes to the
/// last stage.
/// </remarks>
public sealed class OpenLedger
{
    private const long SetIfMoreMicros = 1000;

    private readonly ReadOnlyMemory<byte> _before;
    private readonly string? _hop;
    private readonly Spent _spent;
    private readonly Stage _stage;
    private readonly ClockReading _anchor;
    private readonly TimeProvider? _time;
    private readonly bool _ended;

    private OpenLedger(
        ReadOnlyMemory<byte> before,
        string? hop,
        Spent spent,
        Stage stage,
        long since,
        ClockReading anchor,
        TimeProvider? time,
        bool ended = false) =>
        (_before, _hop, _spent, _stage, SinceMicros, _anchor, _time, _ended) = (before, hop, spent, stage, since, anchor, time, ended);

    /// <summary>The event that spends the time; <see langword="null"/> before the first.</summary>
    public string? Hop => _hop;

    /// <summary>
    /// When the stage began, in microseconds since the Unix epoch: the entries sum to the time from the origin until then.
    /// </summary>
    public long SinceMicros { get; }

    /// <summary>A flow begins; <paramref name="time"/> is this process's, if it began here.</summary>
    public static OpenLedger Begin(ClockReading origin, TimeProvider? time) =>
        new(default, null, default, Stage.Accept, origin.Micros, origin, time);

    /// <summary>Continues what another process wrote.</summary>
    /// <param name="text">Its entries; empty for none.</param>
    /// <param name="until">The moment that they lead to.</param>
    /// <param name="hop">The event that spends the time now.</param>
    /// <param name="stage">What it has spent it on since then.</param>
    public static OpenLedger Continue(ReadOnlyMemory<byte> text, long until, string? hop, Stage stage) =>
        new(text, hop, default, stage, until, new ClockReading(until, null), null);

    /// <summary>The flow is over, and this text with an end is its account: nothing is added to it any more.</summary>
    public static OpenLedger Ended(ReadOnlyMemory<byte> text) => new(text, null, default, default, 0, default, null, ended: true);

    /// <summary>Ends the stage and begins another.</summary>
    public OpenLedger Enter(Stage next, ClockReading at)
    {
        if (_ended)
        {
            return this;
        }

        var until = At(at);
        return new OpenLedger(_before, _hop, _spent.Plus(_stage, until - SinceMicros), next, until, _anchor, _time);
    }

    /// <summary>Ends the stage now and begins another.</summary>
    public OpenLedger Enter(Stage next, TimeProvider clock) =>
        // Where the monotonic clock counts, the other need not be read.
        Enter(next, _time is null ? ClockReading.Now(clock) : new ClockReading(0, clock.GetTimestamp()));

    /// <summary>Ends the stage, and what another process did, where this one took over: from here on its own clock counts.</summary>
    public OpenLedger Arrive(Stage next, ClockReading at, TimeProvider clock) =>
        _ended ? this : new OpenLedger(_before, _hop, _spent.Plus(_stage, at.Micros - SinceMicros), next, at.Micros, at, clock);

    /// <summary>The header of what leaves the process at a moment: the entries sum to the time from the origin to its wall clock.</summary>
    public byte[] WriteAt(ClockReading at, bool end = false)
    {
        if (_ended)
        {
            return _before.ToArray();
        }

        var until = At(at);
        var moved = at.Micros - until;
        if (Math.Abs(moved) > SetIfMoreMicros)
        {
            return Write(_spent.Plus(_stage, until - SinceMicros).Plus(Stage.Unaccounted, moved), end);
        }

        // A stage may be shorter than what the clocks differ by: then the one before it that took longest ends as much earlier.
        var micros = at.Micros - SinceMicros;
        return micros >= 0 || _spent.Longest is not { } longest || _spent.Micros(longest) < -micros
            ? Write(_spent.Plus(_stage, micros), end)
            : Write(_spent.Plus(longest, micros).Plus(_stage, 0), end);
    }

    /// <summary>Always true of two: contexts that say the same are equal, however long it took them.</summary>
    public override bool Equals(object? obj) => obj is OpenLedger;

    public override int GetHashCode() => 0;

    /// <summary>The header up to the begin of the stage.</summary>
    public byte[] Write() => _ended ? _before.ToArray() : Write(_spent, end: false);

    private long At(ClockReading at) => _time is null ? at.Micros : _anchor.MicrosAt(at, _time);

    private byte[] Write(Spent all, bool end)
    {
        var writer = new LedgerWriter(stackalloc byte[LedgerText.Longest], _before.Span);
        for (var rest = all.Order; rest != 0; rest >>= 4)
        {
            var each = (Stage)((int)(rest & 15) - 1);
            writer.Add(each is Stage.Accept or Stage.Unaccounted ? default : _hop, StageNames.NameOf(each), all.Micros(each));
        }

        return writer.ToArray(end);
    }

    /// <summary>Microseconds by stage.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Spent
    {
        private PerStage _micros;
        private int _entered;

        /// <summary>
        /// The stages in the order in which they were entered first, the first in the lowest four bits: its number and one.
        /// </summary>
        public ulong Order { get; private set; }

        public readonly long Micros(Stage stage) => _micros[(int)stage];

        /// <summary>The stage that took longest; <see langword="null"/> when none has ended.</summary>
        public readonly Stage? Longest
        {
            get
            {
                Stage? longest = null;
                for (var rest = Order; rest != 0; rest >>= 4)
                {
                    var each = (Stage)((int)(rest & 15) - 1);
                    longest = longest is { } so && _micros[(int)so] >= _micros[(int)each] ? longest : each;
                }

                return longest;
            }
        }

        public readonly Spent Plus(Stage stage, long more)
        {
            var sum = this;
            sum._micros[(int)stage] += more;
            if ((_entered & (1 << (int)stage)) == 0)
            {
                sum.Order |= ((ulong)stage + 1) << (4 * BitOperations.PopCount((uint)_entered));
                sum._entered |= 1 << (int)stage;
            }

            return sum;
        }

        [InlineArray((int)Stage.Unaccounted + 1)]
        [StructLayout(LayoutKind.Sequential)]
        private struct PerStage
        {
            private long _first;
        }
    }
}
