using Npgsql;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>The tables of the implementations that are written by hand: those of the journey, with inbox and outbox.</summary>
internal static class DurableSchema
{
    private const string InboxAndOutbox = """
        CREATE TABLE inbox (consumer smallint, event_id uuid, handled_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (consumer, event_id));
        -- A row holds all events of a transaction.
        CREATE TABLE outbox (id bigint PRIMARY KEY, queue text NOT NULL, event_ids uuid[] NOT NULL, bodies bytea[] NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now());
        """;

    private static readonly IReadOnlyDictionary<string, string> Tables = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["orders"] = """
            CREATE TABLE products (id text PRIMARY KEY, price numeric(12,2) NOT NULL, stock bigint NOT NULL CHECK (stock >= 0))
                WITH (fillfactor = 20);
            INSERT INTO products SELECT 'item-' || i, 9.99, 1000000000 FROM generate_series(1, 100) i;
            CREATE TABLE orders (id uuid PRIMARY KEY, user_id text NOT NULL, total numeric(12,2) NOT NULL, status text NOT NULL,
                payment_id uuid NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), changed_at timestamptz NOT NULL DEFAULT now())
                WITH (fillfactor = 80);
            CREATE TABLE order_lines (order_id uuid, line int, item_id text NOT NULL, quantity int NOT NULL,
                unit_price numeric(12,2) NOT NULL, PRIMARY KEY (order_id, line));
            """,
        ["payments"] = """
            CREATE TABLE payments (id uuid PRIMARY KEY, order_id uuid NOT NULL, user_id text NOT NULL, amount numeric(12,2) NOT NULL,
                approved boolean NOT NULL, processed_at timestamptz NOT NULL DEFAULT now());
            """,
        [DurableDatabase.NotificationsName] = """
            CREATE TABLE notifications (event_id uuid PRIMARY KEY, order_id uuid NOT NULL, user_id text NOT NULL, subject text NOT NULL,
                told_at timestamptz NOT NULL DEFAULT now());
            """,
    };

    /// <summary>Makes the databases on an empty server.</summary>
    /// <param name="database">The connection string of a database, by its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task CreateAsync(Func<string, string> database, CancellationToken cancellationToken)
    {
        await using var server = NpgsqlDataSource.Create(database("postgres"));
        foreach (var (name, tables) in Tables)
        {
            await ExecuteAsync(server, $"CREATE DATABASE {name}", cancellationToken);
            await using var source = NpgsqlDataSource.Create(database(name));
            await ExecuteAsync(source, InboxAndOutbox + tables, cancellationToken);
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
