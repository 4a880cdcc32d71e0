using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Records that a flow is given up because one of its events became a dead letter. Optional: register one as a singleton.
/// </summary>
public interface IGivenUpFlowRecorder
{
    /// <summary>Records it once, however often the dead letter is written, and for as long as that takes.</summary>
    /// <param name="context">The event that was given up, with its last attempt.</param>
    /// <param name="run">The replay that sent it back before; empty of one that was never replayed.</param>
    /// <param name="draining">Ends the wait.</param>
    /// <returns>False when the consumer stops before it is recorded: then the delivery is kept, and becomes a dead letter again.</returns>
    Task<bool> TryRecordAsync(EventContext context, Guid run, CancellationToken draining);
}
