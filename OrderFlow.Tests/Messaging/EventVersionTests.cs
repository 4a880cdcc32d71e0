using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

/// <summary>Versions of <c>created</c>: 1 has the body of OrderRejected, 2 that of OrderProcessed, 3 its own.</summary>
public sealed class EventVersionTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_event_says_its_own_version_also_when_another_version_caused_it()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var script = new HandlerScript<OrderCreated>(
            (context, order, cancellation) => context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellation));
        await bus.StartAsync(
            "handler",
            wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 3, processed: 2)).Publishes<OrderProcessed>(
                requireSubscriber: false)
                .Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
            register: services => services.AddScript(script));
        var publisher = await bus.StartAsync(
            "publisher", wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 3)).Publishes<OrderCreated>());

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        (await raw.GetAsync(tap)).BasicProperties.Value(HeaderNames.EventVersion).ShouldBe(3);
        (await raw.GetAsync(tap)).BasicProperties.Value(HeaderNames.EventVersion).ShouldBe(2);
        script.Seen.ShouldHaveSingleItem().Context.EventVersion.ShouldBe(3);
    }

    [Fact]
    public async Task An_event_of_the_outbox_keeps_the_version_that_its_body_has_when_a_newer_service_publishes_it()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var newer = await bus.StartAsync(
            "publisher",
            wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 3)).Publishes<OrderCreated>(requireSubscriber: false));
        var stored = EncodedEvent.Capture(bus.Created, new OrderProcessed { OrderId = "o-1" }, Flow.Start() with { EventVersion = 2 });

        (await newer.Host.Services.GetRequiredService<IEncodedEventPublisher>().PublishAsync(
            [stored], packed: true, Cancellation)).ShouldBe([null]);

        (await raw.GetAsync(tap)).BasicProperties.Value(HeaderNames.EventVersion).ShouldBe(2);
    }

    [Fact]
    public async Task A_version_that_is_too_new_waits_as_a_dead_letter_for_a_newer_service()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var old = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartAsync(
            "publisher", wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 2)).Publishes<OrderCreated>());
        var context = Flow.Start() with { TenantId = "acme" };

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);

        var raw = await bus.ConnectRawAsync();
        var deadLetters = $"{old.Name}.dead-letters";
        await raw.CountIsAsync(deadLetters, 1);
        var library = new DeadLetterReplay(new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString) }, TimeProvider.System);
        var dead = (await library.FindAsync(old.Name, context.EventId.ToString(), Cancellation)).ShouldNotBeNull().Letter;
        dead.Key.Reason.ShouldBe("unsupported_version");
        dead.Key.Handler.ShouldBe(typeof(ScriptedHandler<OrderCreated>).Name);
        (dead.EventVersion, dead.TenantId, dead.Attempts).ShouldBe((2, "acme", 0));
        dead.ExceptionMessage.ShouldBe(
            $"it has version 2 of {bus.Created}, and {old.Name} understands version 1: "
            + $"deploy a newer {old.Name} that understands version 2, then replay it");
        script.Seen.ShouldBeEmpty();

        await old.Host.StopAsync(Cancellation);
        await bus.StartAsync(
            "handler",
            wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 2)).Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
            register: services => services.AddScript(script));
        await library.ReplayAsync(old.Name, new ReplayRequest(new ReplaySelection.All()), null, Cancellation);

        await script.SeesAsync(1);
        script.Seen.TryPeek(out var seen).ShouldBeTrue();
        (seen.Context.EventVersion, seen.Context.TenantId, seen.Context.Replayed, seen.Event.OrderId).ShouldBe((2, "acme", true, "o-1"));
    }

    [Fact]
    public async Task An_old_version_comes_to_its_handler_as_the_newest_step_by_step()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await StartUpcastingAsync(bus, script);
        var raw = await bus.ConnectRawAsync();

        await raw.SendAsync(handler.Name, Good(bus, version: 1), new OrderRejected { OrderId = "first", Reason = "r" }.ToBytes());
        await raw.SendAsync(handler.Name, Good(bus, version: 2), new OrderProcessed { OrderId = "second" }.ToBytes());
        await raw.SendAsync(handler.Name, Good(bus, version: 3), new OrderCreated { OrderId = "third" }.ToBytes());

        await script.SeesAsync(3);
        script.Seen.Select(seen => (seen.Context.EventVersion, seen.Event.OrderId, seen.Event.UserId)).ShouldBe(
            [(1, "first", "2:1:r"), (2, "second", "2:"), (3, "third", "")], ignoreOrder: true);
    }

    [Fact]
    public async Task A_step_that_is_missing_or_fails_is_named_by_the_dead_letter()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartAsync(
            "handler",
            wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 3)).Handles<OrderCreated, ScriptedHandler<OrderCreated>>()
                .AddUpcaster<OrderProcessed, OrderCreated>(
                    2,
                    old => old.OrderId == "bad" ? throw new FormatException("no such order") : new OrderCreated { OrderId = old.OrderId }),
            register: services => services.AddScript(script));
        var raw = await bus.ConnectRawAsync();

        await raw.SendAsync(handler.Name, Good(bus, version: 1), new OrderRejected { OrderId = "first" }.ToBytes());
        var missing = (await raw.GetAsync($"{handler.Name}.dead-letters")).BasicProperties;
        var bad = new OrderProcessed { OrderId = "bad" }.ToBytes();
        await raw.SendAsync(handler.Name, Good(bus, version: 2), bad);
        var failed = await raw.GetAsync($"{handler.Name}.dead-letters");
        await raw.SendAsync(handler.Name, Good(bus, version: 2), new OrderProcessed { OrderId = "good" }.ToBytes());

        missing.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.UnsupportedVersion);
        missing.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe(
            $"it has version 1 of {bus.Created}, {handler.Name} understands version 3, and the step from version 1 to 2 is missing: " +
            "deploy one with .AddUpcaster<…>(1, …), then replay it");
        failed.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.UndecodableBody);
        failed.BasicProperties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe(
            "its upcaster from version 2 to 3 failed: FormatException: no such order");
        failed.Body.ToArray().ShouldBe(bad);
        await script.SeesAsync(1);
        script.Seen.ShouldHaveSingleItem().Event.OrderId.ShouldBe("good");
    }

    [Fact]
    public void Upcasters_that_lead_nowhere_and_versions_that_are_none_stop_the_service_when_it_is_built()
    {
        Message(bus => Handling(bus, 3).AddUpcaster<OrderRejected, OrderProcessed>(1, _ => new())).ShouldStartWith(
            "s has an upcaster from version 1 to OrderProcessed, but no handler and no upcaster takes that as version 2.");
        Message(bus => Handling(bus, 3)
            .AddUpcaster<OrderProcessed, OrderCreated>(2, _ => new())
            .AddUpcaster<OrderRejected, OrderCreated>(2, _ => new()))
            .ShouldBe("s already has an upcaster to OrderCreated from version 2.");
        Message(bus => Handling(bus, 0)).ShouldStartWith("order.created has version 0.");

        static MessagingBuilder Handling(MessagingBuilder bus, int version) =>
            bus.AddEvents(EventCatalog.WireTypes, new Dictionary<string, int> { ["order.created"] = version })
                .Handles<OrderCreated, ScriptedHandler<OrderCreated>>();

        static string Message(Action<MessagingBuilder> wire) => Should.Throw<InvalidOperationException>(() =>
            Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings()).AddMessaging("s", wire)).Message;
    }

    private static Task<TestService> StartUpcastingAsync(TestBus bus, HandlerScript<OrderCreated> script) => bus.StartAsync(
        "handler",
        wiring => wiring.AddEvents(bus.Events, Versions(bus, created: 3)).Handles<OrderCreated, ScriptedHandler<OrderCreated>>()
            .AddUpcaster<OrderProcessed, OrderCreated>(2, old => new OrderCreated { OrderId = old.OrderId, UserId = $"2:{old.UserId}" })
            .AddUpcaster<OrderRejected, OrderProcessed>(1, old => new OrderProcessed { OrderId = old.OrderId, UserId = $"1:{old.Reason}" }),
        register: services => services.AddScript(script));

    private static BasicProperties Good(TestBus bus, int version)
    {
        var properties = Garbage.Good(bus);
        properties.Headers![HeaderNames.EventVersion] = version;
        return properties;
    }

    private static Dictionary<string, int> Versions(TestBus bus, int created, int processed = 1) =>
        new() { [bus.Created] = created, [bus.Processed] = processed };
}
