using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>
/// Makes a service's source of connections from its connection string. No message repeats the string: it carries a password.
/// </summary>
internal static class DatabaseSource
{
    public static NpgsqlDataSource Create(
        string connectionName, string? connectionString, string application, DurabilityOptions options, ILoggerFactory loggers) =>
        Configure(connectionName, connectionString, application, options, loggers).Build();

    /// <summary>
    /// Makes one whose sessions end when their connections are closed, and soon after the process or its machine is gone.
    /// </summary>
    public static NpgsqlDataSource CreateUnpooled(
        string connectionName, string? connectionString, string application, DurabilityOptions options, ILoggerFactory loggers)
    {
        var builder = Configure(connectionName, connectionString, application, options, loggers);
        var settings = builder.ConnectionStringBuilder;
        (settings.Pooling, settings.ApplicationName, settings.CommandTimeout) = (false, application, 10);
        settings.Options += " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";
        builder.Name = application;
        return builder.Build();
    }

    private static NpgsqlDataSourceBuilder Configure(
        string connectionName, string? connectionString, string application, DurabilityOptions options, ILoggerFactory loggers)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw Wrong(
                connectionName,
                $"There is no connection string '{connectionName}'. The AppHost injects it; to run the service alone, set "
                + $"ConnectionStrings__{connectionName}=Host=<host>;Port=5432;Username=<user>;Password=<password>;"
                + $"Database={connectionName}.");
        }

        var builder = Parse(connectionName, connectionString);
        var settings = builder.ConnectionStringBuilder;
        // The builder's ContainsKey knows every keyword, whether it is set or not.
        var set = settings.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!set.Contains("Maximum Pool Size"))
        {
            settings.MaxPoolSize = options.MaxConnections;
        }

        if (!set.Contains("Max Auto Prepare"))
        {
            // The same few statements again and again: the server plans each once per connection.
            settings.MaxAutoPrepare = 50;
        }

        if (!set.Contains("No Reset On Close"))
        {
            // A reset costs seven statements at every use. Nothing leaves anything behind in a session: settings are SET LOCAL, locks are a
            // transaction's, and whoever needs a session for itself has one outside of the pool.
            settings.NoResetOnClose = true;
        }

        settings.ApplicationName ??= application;
        // Without it, the host of a vanished server is waited for without end where a command has no time-out.
        settings.TcpKeepAlive = true;
        // Rows are looked up by their keys. The planner would read whole tables all the same: what it knows of a table that is young,
        // or whose rows die young, says that it is empty. Compiling such a plan costs more than running it.
        settings.Options = (
            $"-c enable_seqscan=off -c jit=off {settings.Options} " +
            $"-c idle_in_transaction_session_timeout={(long)options.IdleTransactionTimeout.TotalMilliseconds}").Trim();
        builder.Name = connectionName;
        builder.UseLoggerFactory(loggers);
        builder.NameSpans();
        return builder;
    }

    private static NpgsqlDataSourceBuilder Parse(string connectionName, string connectionString)
    {
        string problem;
        try
        {
            var builder = new NpgsqlDataSourceBuilder(connectionString);
            if (!string.IsNullOrEmpty(builder.ConnectionStringBuilder.Host)
                && !string.IsNullOrEmpty(builder.ConnectionStringBuilder.Database))
            {
                return builder;
            }

            problem = "names no host or no database";
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException)
        {
            problem = "cannot be read";
        }

        throw Wrong(
            connectionName,
            $"The connection string '{connectionName}' {problem}. " +
            "It must read Host=<host>;Port=<port>;Username=<user>;Password=<password>;Database=<database>, " +
            "with a password that contains ';' or '=' in double quotes.");
    }

    private static OptionsValidationException Wrong(string connectionName, string problem) =>
        new(connectionName, typeof(string), [problem]);
}
