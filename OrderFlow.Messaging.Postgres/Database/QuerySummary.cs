using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Npgsql;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>
/// Names the span of a statement by what it does to which table, as <c>INSERT orders</c>: OpenTelemetry's <c>db.query.summary</c>
/// (opentelemetry.io/docs/specs/semconv/database/database-spans). Otherwise each would have the name of the database system.
/// </summary>
public static partial class QuerySummary
{
    private const string Attribute = "db.query.summary";
    private const int MostOfBatch = 3;

    /// <summary>Statements are constants, so each is looked at once.</summary>
    private static readonly ConditionalWeakTable<string, string> Known = [];

    /// <summary>Names the spans of every command, batch and copy of the database so.</summary>
    public static void NameSpans(this NpgsqlDataSourceBuilder database) => database.ConfigureTracing(tracing => tracing
        .ConfigureCommandSpanNameProvider(command => Of(command.CommandText))
        .ConfigureBatchSpanNameProvider(Of)
        .ConfigureCopyOperationSpanNameProvider(Of)
        .ConfigureCommandEnrichmentCallback((span, command) => span.SetTag(Attribute, Of(command.CommandText)))
        .ConfigureBatchEnrichmentCallback((span, batch) => span.SetTag(Attribute, Of(batch)))
        .ConfigureCopyOperationEnrichmentCallback((span, command) => span.SetTag(Attribute, Of(command))));

    internal static string Of(string sql) => Known.GetValue(sql, Summarize);

    private static string Of(NpgsqlBatch batch) =>
        string.Join(
            "; ",
            batch.BatchCommands.Cast<NpgsqlBatchCommand>()
                .Select(command => Of(command.CommandText))
                .Distinct(StringComparer.Ordinal)
                .Take(MostOfBatch));

    /// <summary>What changes something counts before what is read for it.</summary>
    private static string Summarize(string sql)
    {
        var match = Change().Match(sql) is { Success: true } change ? change : Read().Match(sql);
        return match.Success ? $"{match.Groups["operation"].Value} {match.Groups["table"].Value}" : FirstWord().Match(sql).Value;
    }

    // Keywords are in capitals and tables are not, so that neither FOR UPDATE SKIP LOCKED nor DO UPDATE SET names a table.
    [GeneratedRegex(
        @"\b(?<operation>INSERT|UPDATE|DELETE|MERGE|COPY)\s+(?:INTO\s+|FROM\s+)?(?<table>[a-z_][a-z0-9_.]*)",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Change();

    [GeneratedRegex(
        @"\b(?<operation>SELECT)\b.*?\bFROM\s+(?<table>[a-z_][a-z0-9_.]*)",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Read();

    [GeneratedRegex(@"\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FirstWord();
}
