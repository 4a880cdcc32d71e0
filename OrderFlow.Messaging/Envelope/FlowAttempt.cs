using System.Text.Json.Serialization;

namespace OrderFlow.Messaging.Envelope;

/// <summary>The worst that happened to a flow so far, at whichever hop; a later one outranks those before it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlowAttempt>))]
public enum FlowAttempt
{
    /// <summary>Each of its events was handled at the first attempt.</summary>
    [JsonStringEnumMemberName("first")]
    First,

    /// <summary>An event of it was tried again.</summary>
    [JsonStringEnumMemberName("retried")]
    Retried,

    /// <summary>An operator sent an event of it back from a dead-letter queue.</summary>
    [JsonStringEnumMemberName("replayed")]
    Replayed,
}

/// <summary>
/// How <see cref="FlowAttempt"/> is spelled: in the header <c>flow-attempt</c>, where <c>first</c> is not written, in labels and in
/// columns.
/// </summary>
public static class FlowAttemptText
{
    /// <summary>Its text.</summary>
    public static string ToText(this FlowAttempt attempt) => attempt switch
    {
        FlowAttempt.Replayed => "replayed",
        FlowAttempt.Retried => "retried",
        _ => "first",
    };
}
