using System.Globalization;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>Prints a line for each step that is over, and one a second for the step that goes on.</summary>
internal sealed class StagedReplayProgress(TextWriter output, TimeProvider time) : IProgress<StagedReplayRun>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private long _last = time.GetTimestamp();
    private int _over;

    public void Report(StagedReplayRun value)
    {
        for (; _over < value.Steps.Count && value.Steps[_over] is { Sent: > 0, UnderWay: 0 } step && step.Sent == step.Size; _over++)
        {
            Write(value, _over);
        }

        if (_over < value.Steps.Count && value.Steps[_over].Sent > 0 && time.GetElapsedTime(_last) >= Every)
        {
            Write(value, _over);
        }
    }

    /// <summary>How the staged replay ended.</summary>
    public static string Of(StagedReplayRun run, string service)
    {
        if (run.DryRun)
        {
            var steps = run.Total == 0 ? "" : $" in steps of {string.Join(", ", run.Steps.Select(step => step.Size))}";
            return $"{Events(run.Total)} would be sent back to {service}{steps}.";
        }

        var underWay = run.Sent - run.Handled - run.Failed;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Sent} of {Events(run.Total)} sent back to {service}: {run.Handled} handled, {run.Failed} failed, "
            + $"{underWay} under way. ")
            + (run.Why is { } why ? $"{why.TrimEnd('.', '?')}. " : "")
                + (run.State == StagedReplayState.Completed ? "" : "What was not sent is still a dead letter. ")
            + $"Each sent carries the header replay-run={run.RunId}.";
    }

    private static string Events(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} dead letter{(count == 1 ? "" : "s")}");

    private void Write(StagedReplayRun run, int at)
    {
        _last = time.GetTimestamp();
        var step = run.Steps[at];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {at + 1} of {run.Steps.Count}: {step.Sent} of {step.Size} sent, {step.Handled} handled, {step.Failed} failed, "
            + $"{step.UnderWay} under way"));
    }
}
