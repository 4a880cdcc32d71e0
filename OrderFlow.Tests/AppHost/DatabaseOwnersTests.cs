using Npgsql;
using OrderFlow.AppHost.Postgres;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.AppHost;

/// <summary>The databases of a real server, and who owns them.</summary>
public sealed class DatabaseOwnersTests(DatabaseOwnersTests.Server server) : IClassFixture<DatabaseOwnersTests.Server>
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_role_has_everything_in_its_own_database_and_cannot_enter_another()
    {
        await MakeAsync(("shop", "shop_service", "first password"), ("till", "till_service", "second password"));

        await using var shop = await OpenAsync("shop", "shop_service", "first password");
        await ExecuteAsync(shop, """
            CREATE TABLE days (day date) PARTITION BY RANGE (day);
            CREATE TABLE one (LIKE days);
            ALTER TABLE days ATTACH PARTITION one DEFAULT;
            CREATE TEMP TABLE staging (id int);
            """);
        await using (var writer = await shop.BeginBinaryImportAsync("COPY days (day) FROM STDIN (FORMAT binary)", CancellationToken))
        {
            await writer.WriteRowAsync(CancellationToken, new DateOnly(2026, 1, 1));
            await writer.CompleteAsync(CancellationToken);
        }

        foreach (var closed in new[] { "till", "postgres", "template1" })
        {
            var refusal = await Should.ThrowAsync<PostgresException>(() => OpenAsync(closed, "shop_service", "first password"));
            refusal.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }

        foreach (var sql in new[] {
            "CREATE ROLE another", "CREATE DATABASE another", "ALTER ROLE till_service PASSWORD 'mine'", "COPY days FROM PROGRAM 'true'" })
        {
            (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(shop, sql))).SqlState.ShouldBe(
                PostgresErrorCodes.InsufficientPrivilege);
        }
    }

    [Fact]
    public async Task Database_of_the_administrator_is_handed_over_to_its_owner_with_everything_in_it()
    {
        await using (var administrator = await OpenAdministratorAsync("postgres"))
        {
            await ExecuteAsync(administrator, "CREATE DATABASE old");
        }

        await using (var administrator = await OpenAdministratorAsync("old"))
        {
            await ExecuteAsync(administrator, """
                CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number bigserial, name text);
                CREATE TABLE days (day date) PARTITION BY RANGE (day);
                CREATE TABLE days_1 PARTITION OF days DEFAULT;
                CREATE SEQUENCE alone;
                CREATE VIEW named AS SELECT name FROM things;
                INSERT INTO things (name) VALUES ('kept');
                """);
        }

        await MakeAsync(("old", "old_service", "password"));
        // Every start does the same.
        await MakeAsync(("old", "old_service", "password"));

        await using var owner = await OpenAsync("old", "old_service", "password");
        (await ScalarAsync(owner, """
            SELECT string_agg(relname, ' ') FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) <> 'old_service'
            """)).ShouldBe(DBNull.Value);
        await ExecuteAsync(owner, """
            ALTER TABLE things ADD COLUMN more int;
            INSERT INTO things (name) VALUES ('new');
            CREATE TABLE days_2 (LIKE days);
            DROP TABLE days_1;
            ALTER TABLE days ATTACH PARTITION days_2 DEFAULT;
            DROP SEQUENCE alone;
            """);
        (await ScalarAsync(owner, "SELECT string_agg(name, ' ' ORDER BY id) FROM named JOIN things USING (name)")).ShouldBe("kept new");
        (await ScalarAsync(owner, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'old'")).ShouldBe("old_service");
    }

    [Fact]
    public async Task Changed_password_applies_from_the_next_start_on_and_no_password_is_in_the_server_log()
    {
        await using (var administrator = await OpenAdministratorAsync("postgres"))
        {
            await ExecuteAsync(administrator, "ALTER SYSTEM SET log_statement = 'all'");
            await ExecuteAsync(administrator, "SELECT pg_reload_conf()");
        }

        await MakeAsync(("moody", "moody_service", "one password"));
        await MakeAsync(("moody", "moody_service", "another password"));

        await (await OpenAsync("moody", "moody_service", "another password")).DisposeAsync();
        var refusal = await Should.ThrowAsync<PostgresException>(() => OpenAsync("moody", "moody_service", "one password"));
        refusal.SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        await Wait.UntilAsync(
            "the server logs statements",
            async () => (await server.Postgres.LogAsync()).Contains("ALTER ROLE \"moody_service\"", StringComparison.Ordinal));
        (await server.Postgres.LogAsync()).ShouldNotContain("one password");
        (await server.Postgres.LogAsync()).ShouldNotContain("another password");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(CancellationToken);
    }

    private Task MakeAsync(params (string Database, string Role, string Password)[] owners)
    {
        var administrator = new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionString("postgres")) { Database = null };
        return DatabaseOwners.MakeAsync(administrator.ConnectionString, owners, CancellationToken);
    }

    private Task<NpgsqlConnection> OpenAdministratorAsync(string database) => OpenAsync(server.Postgres.ConnectionString(database));

    private Task<NpgsqlConnection> OpenAsync(string database, string role, string password)
    {
        var login = new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionString(database)) { Username = role, Password = password };
        return OpenAsync(login.ConnectionString);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(CancellationToken);
        return connection;
    }

    /// <summary>A server of its own: roles belong to all databases of a server.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal PostgresServer Postgres { get; } = new();

        public async ValueTask InitializeAsync() => await Postgres.StartAsync();

        public ValueTask DisposeAsync() => Postgres.DisposeAsync();
    }
}
