using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class MigrationTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    private static readonly Migration Things = new(1, "things", "CREATE TABLE things (id int)");
    private static readonly Migration First = new(2, "first-thing", "INSERT INTO things VALUES (1)");

    [Fact]
    public async Task Ten_replicas_that_start_at_once_all_succeed_and_apply_each_migration_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            await using var replica = new NpgsqlDataSourceBuilder(Database.ConnectionString).Build();
            await Runner(replica).RunAsync(new MigrationSet("test", [Things, First]), Cancellation);
        }));

        (await Database.CountAsync("things")).ShouldBe(1);
        (await Database.CountAsync("schema_migrations")).ShouldBe(2);
    }

    [Fact]
    public async Task A_later_release_applies_only_what_is_new_and_an_earlier_one_leaves_it_alone()
    {
        await RunAsync(Things);
        await RunAsync(Things, First);
        await RunAsync(Things);

        (await Database.CountAsync("things")).ShouldBe(1);
    }

    [Fact]
    public async Task An_applied_migration_with_another_text_is_an_error_that_says_what_to_do()
    {
        await RunAsync(Things);

        var error = await Should.ThrowAsync<MigrationException>(() => RunAsync(Things with { Sql = "CREATE TABLE things (id bigint)" }));

        error.Message.ShouldContain("0001-things of 'test' was applied to the database with another text");
        error.Message.ShouldContain("restore its text and write the change as a new migration");
    }

    [Fact]
    public async Task Line_ends_are_no_other_text()
    {
        await RunAsync(Things with { Sql = "CREATE TABLE things\n(id int)" });
        await RunAsync(Things with { Sql = "CREATE TABLE things\r\n(id int)" });

        (await Database.CountAsync("schema_migrations")).ShouldBe(1);
    }

    [Fact]
    public async Task A_migration_that_was_slipped_in_before_an_applied_one_is_an_error()
    {
        await RunAsync(First with { Sql = "SELECT 1" });

        var error = await Should.ThrowAsync<MigrationException>(() => RunAsync(Things, First with { Sql = "SELECT 1" }));

        error.Message.ShouldContain("0001-things of 'test' is missing in the database although version 2 is applied");
    }

    [Fact]
    public async Task A_migration_that_fails_is_rolled_back_and_those_before_it_stay()
    {
        var error = await Should.ThrowAsync<MigrationException>(
            () => RunAsync(Things, First with { Sql = "INSERT INTO things VALUES (1); SELECT 1 / 0" }));

        error.Message.ShouldContain("0002-first-thing of 'test' failed and was rolled back: division by zero");
        (await Database.CountAsync("things")).ShouldBe(0);
        (await Database.CountAsync("schema_migrations")).ShouldBe(1);
    }

    [Fact]
    public async Task Scopes_do_not_see_each_other()
    {
        await RunAsync(Things);
        await Runner(Database.Source).RunAsync(new MigrationSet("other", [new(1, "others", "CREATE TABLE others (id int)")]), Cancellation);

        (await Database.CountAsync("others")).ShouldBe(0);
    }

    [Fact]
    public void Versions_that_do_not_rise_are_refused() =>
        Should.Throw<ArgumentException>(() => new MigrationSet("test", [First, Things])).Message.ShouldContain(
            "0001-things follows 0002-first-thing");

    [Fact]
    public void A_folder_without_migrations_is_refused_with_the_line_to_paste() =>
        Should.Throw<InvalidOperationException>(() => MigrationSet.FromResources("test", typeof(MigrationTests).Assembly, "Nowhere."))
            .Message.ShouldContain("<EmbeddedResource Include=");

    private static MigrationRunner Runner(NpgsqlDataSource database) => new(database, NullLogger<MigrationRunner>.Instance);

    private Task RunAsync(params Migration[] migrations) =>
        Runner(Database.Source).RunAsync(new MigrationSet("test", migrations), Cancellation);
}
