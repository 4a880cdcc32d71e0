using Microsoft.Extensions.Time.Testing;

namespace OrderFlow.Tests.Support;

/// <summary>A fake clock whose wall can be set, as by NTP or by hand, while the monotonic clock and the timers go on undisturbed.</summary>
internal sealed class JumpingTimeProvider(DateTimeOffset start) : FakeTimeProvider(start)
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _offset));

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;

    /// <summary>Sets the wall clock forwards, or backwards.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
}
