using Npgsql;
using NpgsqlTypes;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>Makes statements and their values, to be sent to the server together with others.</summary>
public static class Sql
{
    /// <summary>Makes a statement.</summary>
    /// <param name="sql">A constant.</param>
    /// <param name="parameters">Its values, in order.</param>
    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
#pragma warning disable CA2100 // Only constants come here; values are parameters.
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Adds a statement that goes to the server in the same round trip.</summary>
    /// <param name="batch">The others.</param>
    /// <param name="sql">A constant.</param>
    /// <param name="parameters">Its values, in order.</param>
    public static NpgsqlBatch With(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.BatchCommands.Add(Command(sql, parameters));
        return batch;
    }

    /// <summary>A value whose type says what it is in the database; an array for <c>unnest</c>.</summary>
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>A text, or none.</summary>
    public static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
