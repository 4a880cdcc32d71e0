using Npgsql;

namespace OrderFlow.Messaging.Postgres.EndToEnd;

/// <summary>The end of one flow, as a row of <c>flow_ends</c>.</summary>
/// <param name="Flow">The flow's name.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Attempt">The worst that happened to it.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="TraceId">A sampled trace of it.</param>
public sealed record FlowEnding(string Flow, string Status, string Attempt, double Seconds, Guid? TraceId)
{
    /// <summary>Begins the statement that writes it; a SELECT of <see cref="AddTo"/>'s parameters follows.</summary>
    public const string Insert = "INSERT INTO flow_ends (flow, status, attempt, seconds, trace_id)";

    /// <summary>Adds its five values in the order of <see cref="Insert"/>, or as many NULLs of their types.</summary>
    public static void AddTo(NpgsqlParameterCollection parameters, FlowEnding? ending)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var text in (ReadOnlySpan<string?>)[ending?.Flow, ending?.Status, ending?.Attempt])
        {
            parameters.Add(new NpgsqlParameter<string?> { TypedValue = text });
        }

        parameters.Add(new NpgsqlParameter<double?> { TypedValue = ending?.Seconds });
        parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = ending?.TraceId });
    }
}
