using Npgsql;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>A database as the test looks at it, over connections that no replica shares.</summary>
internal sealed class TestDatabase(string connectionString) : IAsyncDisposable
{
    public string ConnectionString { get; } = connectionString;

    public NpgsqlDataSource Source { get; } = new NpgsqlDataSourceBuilder(
        new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "observer", MaxPoolSize = 5 }.ConnectionString).Build();

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task<long> CountAsync(string table) => ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <summary>Events in the outbox, those in batches too.</summary>
    public Task<long> OutboxAsync() =>
        ScalarAsync<long>("SELECT (SELECT count(*) FROM outbox) + (SELECT coalesce(sum(events), 0) FROM outbox_batches)::bigint");

    /// <summary>Ends every session of the replicas, as a restart of the server does.</summary>
    public Task EndSessionsAsync() =>
        ExecuteAsync(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND application_name <> 'observer'");

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
