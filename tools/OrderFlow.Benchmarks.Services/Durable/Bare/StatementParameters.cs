using Npgsql;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>The parameters of a statement, in the order of its <c>$1</c>, <c>$2</c> and so on; none is boxed.</summary>
internal sealed class StatementParameters(NpgsqlCommand command)
{
    public void Add<TValue>(TValue value) => command.Parameters.Add(new NpgsqlParameter<TValue> { TypedValue = value });

    /// <summary>A column of a batch.</summary>
    public void Add<TEvent, TValue>(IReadOnlyList<TEvent> batch, Func<TEvent, TValue> value) =>
        Add<TValue[]>([.. batch.Select(value)]);
}
