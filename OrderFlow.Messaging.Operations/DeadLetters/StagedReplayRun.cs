using System.Text.Json.Serialization;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>How far a staged replay has come, and in the end, what it did.</summary>
/// <param name="RunId">The id that each message sent back carries as header <c>replay-run</c>.</param>
/// <param name="Total">Dead letters that were selected when it began.</param>
/// <param name="Steps">Its steps, also those that it never came to.</param>
/// <param name="State">Whether it goes on, and if not, why.</param>
/// <param name="Why">The same in words, for an end that was not to be, or one with fewer than there were.</param>
public sealed record StagedReplayRun(Guid RunId, int Total, IReadOnlyList<RampStep> Steps, StagedReplayState State, string? Why)
{
    /// <summary>Messages sent back.</summary>
    public int Sent => Steps.Sum(step => step.Sent);

    /// <summary>Of them handled before the staged replay ended.</summary>
    public int Handled => Steps.Sum(step => step.Handled);

    /// <summary>Of them failed before the staged replay ended.</summary>
    public int Failed => Steps.Sum(step => step.Failed);

    /// <summary>Whether it only says what the steps would be.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DryRun { get; init; }
}

/// <summary>A step of a staged replay.</summary>
/// <param name="Size">Messages that it is to send back.</param>
/// <param name="Sent">Messages sent back; fewer than its size when it was stopped, or others took some meanwhile.</param>
/// <param name="Handled">Of them handled.</param>
/// <param name="Failed">Of them dead letters again, or put off to a delayed retry.</param>
public sealed record RampStep(int Size, int Sent, int Handled, int Failed)
{
    /// <summary>Of those sent back, those without an outcome yet.</summary>
    public int UnderWay => Sent - Handled - Failed;
}

/// <summary>Whether a staged replay goes on, and if not, why.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StagedReplayState>))]
public enum StagedReplayState
{
    /// <summary>A step is being sent, or its outcome is waited for.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Every step was sent, and handled as far as is asked for.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>More failed than is allowed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>What was sent had no outcome in time.</summary>
    [JsonStringEnumMemberName("silent")]
    Silent,

    /// <summary>It was stopped, or its program or the broker ended.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,
}
