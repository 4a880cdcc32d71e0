using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class SetupTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task A_whole_service_migrates_handles_publishes_and_stops()
    {
        using var service = Build(Database.ConnectionString);
        await service.StartAsync(Cancellation);
        var deliveries = Deliveries(10);

        var outcomes = await service.Services.GetRequiredService<TransactionalBatch>().HandleAsync("orders", deliveries, Cancellation);
        var health = await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(
            check => check.Tags.Contains("ready"), Cancellation);
        await service.StopAsync(Cancellation);

        outcomes.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        health.Entries["database"].Status.ShouldBe(HealthStatus.Healthy);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public async Task A_service_that_starts_before_its_database_waits_for_it_and_says_that_it_is_not_ready()
    {
        await using var server = new PostgresServer();
        using var service = Build(server.ConnectionString("orders"));
        await service.StartAsync(Cancellation);
        var before = await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

        await server.StartAsync();
        // The server is there, the database not yet.
        await using var admin = new TestDatabase(server.ConnectionString("postgres"));
        await admin.ExecuteAsync("CREATE DATABASE orders");
        await service.Services.GetRequiredService<DatabaseMigrator>().WaitUntilReadyAsync(Cancellation).WaitAsync(
            TimeSpan.FromSeconds(30), Cancellation);
        var after = await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

        before.Status.ShouldBe(HealthStatus.Unhealthy);
        before.Entries["database"].Description.ShouldStartWith("The database does not answer");
        after.Status.ShouldBe(HealthStatus.Healthy);
        await service.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_missing_connection_string_ends_the_start_with_the_line_to_type()
    {
        using var service = Build(connectionString: null);

        var error = await Should.ThrowAsync<OptionsValidationException>(() => service.StartAsync(Cancellation));

        error.Message.ShouldContain("ConnectionStrings__orders=Host=<host>;Port=5432");
    }

    [Theory]
    [InlineData("postgres://user:geheim@localhost/orders")]
    [InlineData("Host=localhost;Port=geheim;Database=orders")]
    [InlineData("Host=localhost;Passwort=geheim;Database=orders")]
    [InlineData("Password=geheim;Database=orders")]
    public async Task A_connection_string_that_cannot_be_read_is_an_error_that_does_not_repeat_it(string connectionString)
    {
        using var service = Build(connectionString);

        var error = await Should.ThrowAsync<OptionsValidationException>(() => service.StartAsync(Cancellation));

        error.ToString().ShouldContain("It must read Host=<host>;");
        error.ToString().ShouldNotContain("geheim");
    }

    [Fact]
    public async Task Settings_outside_their_range_end_the_start()
    {
        using var service = Build(Database.ConnectionString, new KeyValuePair<string, string?>("Durability:SweepInterval", "-1"));

        var error = await Should.ThrowAsync<OptionsValidationException>(() => service.StartAsync(Cancellation));

        error.Message.ShouldContain(nameof(DurabilityOptions.SweepInterval));
    }

    [Fact]
    public async Task Idle_transactions_and_connections_are_limited_unless_the_connection_string_says_otherwise()
    {
        var replica = await StartReplicaAsync(configure: options => options.IdleTransactionTimeout = TimeSpan.FromSeconds(7));
        await using var command = replica.Get<NpgsqlDataSource>().CreateCommand("SHOW idle_in_transaction_session_timeout");
        var own = await StartReplicaAsync(connectionString: Database.ConnectionString + ";MaxPoolSize=3");

        (await command.ExecuteScalarAsync(Cancellation)).ShouldBe("7s");
        new NpgsqlConnectionStringBuilder(replica.Get<NpgsqlDataSource>().ConnectionString).MaxPoolSize.ShouldBe(20);
        new NpgsqlConnectionStringBuilder(own.Get<NpgsqlDataSource>().ConnectionString).MaxPoolSize.ShouldBe(3);
    }

    [Fact]
    public async Task Duplicates_and_the_backlog_can_be_measured()
    {
        var replica = await StartReplicaAsync();
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => Enable(replica, instrument, listener) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            seen[string.Join(' ', tags.ToArray().Select(tag => $"{tag.Value}").Prepend(instrument.Name))] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        var id = Guid.CreateVersion7();

        await replica.Batch.HandleAsync("orders", [Delivery(id), Delivery(id)], Cancellation);
        await replica.Get<OutboxBacklog>().MeasureAsync(Cancellation);
        listener.RecordObservableInstruments();

        seen["events.duplicates order.created RecordEffect"].ShouldBe(1);
        seen["events.outbox.backlog"].ShouldBe(1);
        seen["events.outbox.refused"].ShouldBe(0);
        seen["events.outbox.oldest.age"].ShouldBeGreaterThan(0);

        static void Enable(Replica replica, Instrument instrument, MeterListener listener)
        {
            if (instrument.Meter.Scope == replica.Get<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }
    }

    private IHost Build(string? connectionString, params KeyValuePair<string, string?>[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:orders", connectionString), .. settings]);
        builder.AddDurability("orders");
        builder.Services.AddSingleton<IEncodedEventPublisher>(Broker);
        return builder.Build();
    }
}
