namespace OrderFlow.Cli.Ledgers;

/// <summary>One order as its customer knows it.</summary>
/// <param name="CorrelationId">Finds it in the databases, even when its answer, and with it its id, was lost.</param>
/// <param name="Answer">What the Gateway said in the end.</param>
/// <param name="OrderId">Its id, when it is accepted.</param>
/// <param name="Content">What was ordered.</param>
internal sealed record KnownOrder(string CorrelationId, OrderAnswer Answer, Guid OrderId, OrderContent Content);
