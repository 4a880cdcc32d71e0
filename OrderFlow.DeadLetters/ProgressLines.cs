using OrderFlow.Messaging.Replaying;

namespace OrderFlow.DeadLetters;

/// <summary>A line a second, and none for what is over sooner.</summary>
internal sealed class ProgressLines(TextWriter output, TimeProvider time) : IProgress<ReplayProgress>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private long last = time.GetTimestamp();

    public void Report(ReplayProgress value)
    {
        if (time.GetElapsedTime(last) >= Every)
        {
            last = time.GetTimestamp();
            output.WriteLine($"{value.Replayed} sent back, {value.Examined} of {value.Total} looked at");
        }
    }
}
