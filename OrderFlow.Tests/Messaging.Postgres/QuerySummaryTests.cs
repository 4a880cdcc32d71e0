using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class QuerySummaryTests
{
    [Theory]
    [InlineData("INSERT INTO orders (id) VALUES ($1)", "INSERT orders")]
    [InlineData("INSERT INTO inbox (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET seen = now()", "INSERT inbox")]
    [InlineData("UPDATE products SET stock = stock - wanted.quantity\nFROM (SELECT 1) AS wanted", "UPDATE products")]
    [InlineData(
        "WITH due AS (SELECT id FROM outbox FOR UPDATE SKIP LOCKED) DELETE FROM outbox USING due WHERE due.id = outbox.id",
        "DELETE outbox")]
    [InlineData("SELECT id FROM products WHERE id = ANY ($1) ORDER BY id FOR UPDATE", "SELECT products")]
    [InlineData("COPY staging (id) FROM STDIN (FORMAT BINARY)", "COPY staging")]
    [InlineData("SELECT pg_advisory_xact_lock(7369, 1)", "SELECT")]
    [InlineData("", "")]
    public void A_statement_is_named_by_what_it_does_to_which_table(string sql, string summary) => QuerySummary.Of(sql).ShouldBe(summary);
}
