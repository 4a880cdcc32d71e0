namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>A replay in steps: a few first, and more only when those were handled.</summary>
/// <param name="Selection">Which; the others stay where they are.</param>
public sealed record StagedReplayRequest(ReplaySelection Selection)
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(24);

    /// <summary>1, 5 and 50.</summary>
    public static IReadOnlyList<int> DefaultSteps { get; } = [1, 5, 50];

    /// <summary>
    /// How many messages each step sends back, each at least 1; what is left after them is the last step. Default
    /// <see cref="DefaultSteps"/>.
    /// </summary>
    public IReadOnlyList<int> Steps { get; init; } = DefaultSteps;

    /// <summary>
    /// The share of a step's messages that may fail before the replay stops, from 0 to 1. A message fails that becomes a dead letter
    /// again, and one that goes to a delayed retry, whatever becomes of it there. Default 0: the first failure stops it.
    /// </summary>
    public double AllowedFailures { get; init; }

    /// <summary>How long no outcome may arrive for messages that were sent before the replay stops. Default 1 minute.</summary>
    public TimeSpan OutcomeTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most messages per second within a step; <see langword="null"/> for as fast as the broker confirms.</summary>
    public double? Rate { get; init; }

    /// <summary>Most messages sent back in all steps.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Whether it only says what the steps would be.</summary>
    public bool DryRun { get; init; }

    /// <summary>The id of the run, for who has noted it before; a new one by default. Each run needs its own.</summary>
    public Guid? RunId { get; init; }

    /// <summary>
    /// Runs each look at the queue, for who must take turns with others; at once by default. The waiting between is not part of it.
    /// </summary>
    public Func<Func<Task<ReplayResult>>, CancellationToken, Task<ReplayResult>> Turn { get; init; } = static (look, _) => look();

    /// <summary>The sizes of the steps for so many messages.</summary>
    public IReadOnlyList<RampStep> Plan(int total)
    {
        var steps = new List<RampStep>();
        foreach (var size in Steps.Append(int.MaxValue).TakeWhile(_ => total > 0))
        {
            steps.Add(new RampStep(Math.Min(size, total), Sent: 0, Handled: 0, Failed: 0));
            total -= steps[^1].Size;
        }

        return steps;
    }

    /// <summary>What is wrong with it; <see langword="null"/> when nothing is.</summary>
    public string? Problem => this switch
    {
        { Steps: var steps } when steps.Any(step => step < 1) => $"Each step of a ramp is at least 1; they are {string.Join(", ", Steps)}.",
        { AllowedFailures: not (>= 0 and <= 1) } => $"The share of allowed failures is from 0 to 1; it is {AllowedFailures}.",
        _ when OutcomeTimeout <= TimeSpan.Zero || OutcomeTimeout > LongestTimeout =>
            $"The wait for an outcome is above 0 and at most {LongestTimeout.TotalHours:0} h; it is {OutcomeTimeout}.",
        _ when Rate is < ReplayRequest.LowestRate or double.NaN || Limit < 1 =>
            $"A ramp needs a rate of at least {ReplayRequest.LowestRate:0.####} and a limit of at least 1; they are {Rate} and {Limit}.",
        _ => null,
    };
}
