namespace OrderFlow.Cli.Observation;

/// <summary>An event that a consumer of the database has handled.</summary>
internal sealed record HandledEvent(Guid EventId, string Database);
