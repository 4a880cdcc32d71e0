using System.Globalization;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>Prints a line a second; none when the work takes less.</summary>
internal sealed class DeadLetterProgress(TextWriter output, TimeProvider time) : IProgress<ReplayProgress>, IProgress<DiscardProgress>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private long _last = time.GetTimestamp();

    public void Report(ReplayProgress value) => Report($"{value.Replayed} sent back, {value.Examined} of {value.Total} looked at");

    public void Report(DiscardProgress value) => Report($"{value.Discarded} discarded, {value.Examined} of {value.Total} looked at");

    private void Report(FormattableString line)
    {
        if (time.GetElapsedTime(_last) >= Every)
        {
            _last = time.GetTimestamp();
            output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
        }
    }
}
