namespace OrderFlow.Messaging.Consuming;

/// <summary>How long handling may go on.</summary>
/// <param name="Draining">No new attempt may begin: the consumer stops, or its connection is gone.</param>
/// <param name="Aborting">Attempts under way must end.</param>
internal readonly record struct HandlingLifetime(CancellationToken Draining, CancellationToken Aborting);
