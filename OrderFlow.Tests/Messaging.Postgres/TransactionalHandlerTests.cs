using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class TransactionalHandlerTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_comes_three_times_has_its_effect_once_and_counts_two_duplicates()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database);
        await service.PrepareAsync();
        var handler = await service.StartAsync();
        var publisher = await bus.StartPublisherAsync();
        using var measured = new MetricRecorder(handler);
        var context = Flow.Start();

        for (var i = 0; i < 3; i++)
        {
            await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        }

        await Wait.UntilAsync("all three are processed", () => measured.Count("messaging.process.duration") == 3);
        await service.EachEffectOnceAsync([context.EventId]);
        measured.Sum("events.duplicates").ShouldBe(2);
        measured.TagsOf("events.duplicates").ShouldBe([$"event_type={bus.Created} handler=RecordingHandler"]);
        measured.Sum("events.handled").ShouldBe(1);
        measured.Sum("events.handler.active").ShouldBe(0);
        measured.Sum("events.published").ShouldBe(1);
        measured.TagsOf("events.published").ShouldBe([$"event_type={bus.Processed} source={handler.Name}"]);
    }

    [Fact]
    public async Task Events_that_are_ready_together_share_a_transaction()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE commits (transaction xid8 NOT NULL)");
        var service = new TransactionalService(bus, database)
        {
            Before = async (context, _) =>
            {
                await using var note = new Npgsql.NpgsqlCommand("INSERT INTO commits VALUES (pg_current_xact_id())", context.Connection);
                await note.ExecuteNonQueryAsync(Cancellation);
            },
        };
        await service.PrepareAsync();
        var publisher = await bus.StartPublisherAsync(requireSubscriber: false);
        var first = await service.StartAsync();
        await first.DisposeAsync();
        var outgoing = Enumerable.Range(0, 200).Select(n => new OutgoingEvent(new OrderCreated { OrderId = $"{n}" }, Flow.Start())).ToList(
            );
        await publisher.Publisher.PublishAsync(outgoing, Cancellation);

        await service.StartAsync(settings => settings["Messaging:BatchSize"] = "20");

        await service.EachEffectOnceAsync([.. outgoing.Select(sent => sent.Context.EventId)]);
        (await database.ScalarAsync<long>("SELECT count(DISTINCT transaction) FROM commits")).ShouldBeInRange(10, 60);
        (await database.ScalarAsync<long>("SELECT max(size) FROM (SELECT count(*) AS size FROM commits GROUP BY transaction) AS batches"))
            .ShouldBe(20);
    }

    [Fact]
    public async Task A_poisonous_event_costs_only_itself_and_ends_in_the_dead_letters()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database);
        await service.PrepareAsync();
        var handler = await service.StartAsync();
        var publisher = await bus.StartPublisherAsync();
        using var measured = new MetricRecorder(handler);
        var outgoing = Enumerable.Range(0, 60)
            .Select(n => new OrderCreated { OrderId = n == 30 ? TransactionalService.Poison : $"{n}" })
            .Select(order => new OutgoingEvent(order, Flow.Start()))
            .ToList();

        await publisher.Publisher.PublishAsync(outgoing, Cancellation);

        var raw = await bus.ConnectRawAsync();
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        await service.EachEffectOnceAsync([.. outgoing.Where((_, n) => n != 30).Select(sent => sent.Context.EventId)]);
        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        dead.BasicProperties.MessageId.ShouldBe(outgoing[30].Context.EventId.ToString());
        dead.BasicProperties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe("This order cannot be handled.");
        dead.BasicProperties.Value(HeaderNames.DeadLetterAttempts).ShouldBe(4);
        measured.Sum("events.retried").ShouldBe(3);
        measured.TagsOf("events.dead_lettered").ShouldBe([$"event_type={bus.Created} handler=RecordingHandler reason=handler_failed"]);
        (await database.ScalarAsync<long>("SELECT count(*) FROM inbox")).ShouldBe(59);
    }

    [Fact]
    public async Task The_trace_goes_on_through_the_outbox()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        ActivitySpanId inHandler = default;
        var service = new TransactionalService(bus, database)
        {
            Before = (_, _) =>
            {
                inHandler = Activity.Current?.SpanId ?? default;
                return Task.CompletedTask;
            },
        };
        await service.PrepareAsync();
        await service.StartAsync();
        var publisher = await bus.StartPublisherAsync();
        using var root = new Activity("the click").AddBaggage("campaign", "spring sale");
        root.TraceStateString = "vendor=1";
        using var spans = new SpanRecorder(root);

        root.Start();
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, Flow.Start(), Cancellation);
        root.Stop();

        await Wait.UntilAsync("four spans have ended", () => spans.Of(root.TraceId).Count() == 4);
        var send = spans.Of(root.TraceId).Single(span => span.ParentSpanId == root.SpanId);
        var process = spans.Of(root.TraceId).Single(span => span.Kind == ActivityKind.Consumer);
        var child = spans.Of(root.TraceId).Single(span => span.Kind == ActivityKind.Producer && span != send);
        process.ParentSpanId.ShouldBe(send.SpanId);
        var transaction = spans.Of(root.TraceId).Single(span => span.Kind == ActivityKind.Internal);
        (transaction.OperationName, transaction.ParentSpanId).ShouldBe(("transaction", process.SpanId));
        inHandler.ShouldBe(process.SpanId);
        child.ParentSpanId.ShouldBe(process.SpanId);
        child.OperationName.ShouldBe($"send {bus.Domain}.events:{bus.Processed}");
        var message = (await (await bus.ConnectRawAsync()).GetAsync(service.Tap)).BasicProperties;
        message.Text(HeaderNames.TraceParent).ShouldBe($"00-{root.TraceId}-{child.SpanId}-01");
        message.Text(HeaderNames.TraceState).ShouldBe("vendor=1");
        Uri.UnescapeDataString(message.Text(HeaderNames.Baggage)!).Replace(" ", "", StringComparison.Ordinal).ShouldBe(
            "campaign=springsale");
    }

    [Fact]
    public async Task A_service_without_a_database_does_not_start_and_says_which_line_is_missing()
    {
        await using var bus = await TestBus.OnAsync(broker);

        var error = await Should.ThrowAsync<InvalidOperationException>(
            bus.StartAsync("handler", wiring => wiring.HandlesInTransaction<OrderCreated, RecordingHandler>(), waitUntilHealthy: false));

        error.Message.ShouldBe(
            $"{bus.NameOf("handler")} handles {bus.Created} in a transaction (RecordingHandler), but has no database. " +
            "Add the line builder.AddDurability(\"<connection name>\"); where the service calls AddMessaging.");
    }
}
