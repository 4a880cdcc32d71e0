using System.Text;
using Npgsql;

namespace OrderFlow.AppHost.Postgres;

/// <summary>
/// Makes the databases of a server and the roles that own them, each of which can log in to its own database alone. What is there already
/// stays; a database that belongs to another role, as to the administrator in an earlier version, is handed over with all that is in it.
/// </summary>
internal static class DatabaseOwners
{
    private const string Maintenance = "postgres";

    private const string NothingElse = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";

    private const string Databases = "SELECT datname, pg_get_userbyid(datdba) FROM pg_database";

    private const string Roles = "SELECT rolname, '' FROM pg_roles";

    /// <summary>
    /// REASSIGN OWNED refuses what belongs to the role that made the cluster, which the administrator is. A sequence that a column owns
    /// goes with its table, what an extension brought stays; ALTER TABLE knows all the others.
    /// </summary>
    private const string HandOver = """
        SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, $1), '' FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND pg_get_userbyid(c.relowner) <> $1
          AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i')))
        """;

    /// <param name="server">The administrator's connection string, without a database.</param>
    /// <param name="owners">The databases with the role and the password of each.</param>
    /// <param name="cancellationToken">Ends it; the next call goes on where this one was.</param>
    public static async Task MakeAsync(
        string server, IReadOnlyCollection<(string Database, string Role, string Password)> owners, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, Maintenance, cancellationToken);
        var databases = (await ReadAsync(connection, Databases, [], cancellationToken)).ToDictionary(StringComparer.Ordinal);
        var roles = (await ReadAsync(connection, Roles, [], cancellationToken)).Select(role => role.Key).ToHashSet(StringComparer.Ordinal);
        // Only the end of this lets a role log in, so whoever can finds everything done.
        var last = new StringBuilder($"REVOKE ALL ON DATABASE {Maintenance}, template1 FROM PUBLIC;");
        foreach (var (database, role, password) in owners)
        {
            if (!roles.Contains(role))
            {
                await ExecuteAsync(connection, $"CREATE ROLE {Quoted(role)} NOLOGIN", cancellationToken);
            }

            if (!databases.TryGetValue(database, out var owner))
            {
                await ExecuteAsync(connection, $"CREATE DATABASE {Quoted(database)} OWNER {Quoted(role)}", cancellationToken);
            }
            else if (owner != role)
            {
                await HandOverAsync(server, database, role, cancellationToken);
                await ExecuteAsync(connection, $"ALTER DATABASE {Quoted(database)} OWNER TO {Quoted(role)}", cancellationToken);
            }

            last.Append($"REVOKE ALL ON DATABASE {Quoted(database)} FROM PUBLIC;");
            last.Append($"ALTER ROLE {Quoted(role)} LOGIN {NothingElse} PASSWORD '{ScramVerifier.Of(password)}';");
        }

        await ExecuteAsync(connection, last.ToString(), cancellationToken);
    }

    private static async Task HandOverAsync(string server, string database, string role, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, database, cancellationToken);
        var statements = await ReadAsync(connection, HandOver, [new NpgsqlParameter { Value = role }], cancellationToken);
        if (statements.Count > 0)
        {
            // Several statements at once are one transaction.
            await ExecuteAsync(connection, string.Join(';', statements.Select(statement => statement.Key)), cancellationToken);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string server, string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection($"{server};Database={database};Pooling=false");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<List<KeyValuePair<string, string>>> ReadAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // One of the constants above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<KeyValuePair<string, string>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Names are quoted, and no parameters are possible where they stand.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
