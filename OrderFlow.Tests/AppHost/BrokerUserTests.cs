using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OrderFlow.AppHost;
using OrderFlow.AppHost.RabbitMQ;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Topology;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.AppHost;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.AppHost;

/// <summary>What a service's user may do at a real broker: all that the service's program needs, and nothing of another's.</summary>
public sealed class BrokerUserTests(BrokerOfUsers broker) : IClassFixture<BrokerOfUsers>
{
    private const string Refused = "ACCESS_REFUSED";

    public static TheoryData<string> Consumers =>
        [ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public static TheoryData<string> Services => [.. BrokerUsers.All.Select(user => user.Service)];

    public static TheoryData<string, string> Strangers =>
    [
        .. from service in BrokerUsers.All.Select(user => user.Service)
           from owner in new[] { ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService }
           where service != owner
           from queue in new[] { owner, $"{owner}.retry.5s", $"{owner}.dead-letters" }
           where service != ResourceNames.Monitor || queue != $"{owner}.dead-letters"
           select (service, queue),
    ];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_service_may_declare_all_that_its_program_declares_and_publish_where_it_publishes(string service)
    {
        var program = ServiceProgram.Of(service);
        await program.Topology.DeclareAsync(await broker.ConnectionOfAsync(service), CancellationToken);

        (await broker.RefusalAsync(service, async channel =>
        {
            await channel.ExchangeDeclareAsync("wire-tap", ExchangeType.Topic, durable: true, cancellationToken: CancellationToken);
            foreach (var exchange in program.Publishes.Append("wire-tap"))
            {
                await channel.BasicPublishAsync(exchange, "nobody.listens", Array.Empty<byte>(), CancellationToken);
            }

            foreach (var queue in program.Topology.Queues)
            {
                await channel.BasicPublishAsync("", queue.Name, mandatory: true, Array.Empty<byte>(), CancellationToken);
            }

            // The retry queues' messages come back to the service's queue by themselves.
            foreach (var queue in program.Topology.Queues.Select(queue => queue.Name).Except(program.Topology.RetryQueues))
            {
                await BrokerOfUsers.TakeAsync(channel, queue);
            }
        })).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Consumers))]
    public async Task Service_may_start_and_stop_ordered_delivery_and_the_Monitor_may_replay_its_dead_letters(string service)
    {
        var program = ServiceProgram.Of(service).Topology;
        var handled = program.Bindings.Select(binding => binding.RoutingKey).ToArray();
        var ordered = new ServiceTopology(service, [], handled, [], partitions: 2);
        var connection = await broker.ConnectionOfAsync(service);
        await ordered.DeclareAsync(connection, CancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), CancellationToken);
        var letter = new BasicProperties { Type = handled[0], MessageId = $"{Guid.NewGuid()}" };
        await channel.BasicPublishAsync("", ordered.DeadLetterQueue, mandatory: true, letter, Array.Empty<byte>(), CancellationToken);

        var replay = new DeadLetterReplay(broker.As(ResourceNames.Monitor), TimeProvider.System);
        (await replay.ReplayAsync(
            service, new ReplayRequest(new ReplaySelection.All()), progress: null, CancellationToken)).Replayed.ShouldBe(1);

        await BrokerOfUsers.TakeAsync(channel, ordered.ServiceQueues);
        await program.DeclareAsync(connection, CancellationToken);
        await channel.ExchangeDeleteAsync($"{service}.ordered", cancellationToken: CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Service_has_no_access_to_the_queues_of_another(string service, string queue)
    {
        (await RefusalAsync(channel => channel.BasicGetAsync(queue, autoAck: true, CancellationToken))).ShouldStartWith(Refused);
        (await RefusalAsync(channel =>
            channel.BasicConsumeAsync(queue, autoAck: true, new AsyncDefaultBasicConsumer(channel), CancellationToken)))
                .ShouldStartWith(Refused);
        (await RefusalAsync(channel => channel.QueuePurgeAsync(queue, CancellationToken))).ShouldStartWith(Refused);
        (await RefusalAsync(channel =>
            channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: CancellationToken)))
                .ShouldStartWith(Refused);
        (await RefusalAsync(channel => channel.QueueBindAsync(queue, "payment.events", "#", cancellationToken: CancellationToken)))
            .ShouldStartWith(Refused);
        (await RefusalAsync(channel =>
            channel.QueueUnbindAsync(queue, "order.events", "order.created", cancellationToken: CancellationToken)))
                .ShouldStartWith(Refused);

        Task<string?> RefusalAsync(Func<IChannel, Task> act) => broker.RefusalAsync(service, act);
    }

    [Theory]
    [InlineData(ResourceNames.Gateway, "order.events")]
    [InlineData(ResourceNames.PaymentService, "order.events")]
    [InlineData(ResourceNames.OrderService, "notification.events")]
    [InlineData(ResourceNames.NotificationService, "payment.events")]
    [InlineData(ResourceNames.PaymentService, "handling.notices")]
    [InlineData(ResourceNames.PaymentService, "wire-tap")]
    public async Task Service_cannot_bind_to_exchanges_whose_events_it_does_not_handle(string service, string exchange)
    {
        var refusal = await broker.RefusalAsync(service, async channel =>
        {
            await channel.QueueDeclareAsync(
                $"{service}.ear", durable: false, exclusive: true, autoDelete: true, cancellationToken: CancellationToken);
            await channel.QueueBindAsync($"{service}.ear", exchange, "#", cancellationToken: CancellationToken);
        });

        refusal.ShouldStartWith(Refused);
    }

    [Theory]
    [InlineData(ResourceNames.PaymentService, "order.events")]
    [InlineData(ResourceNames.Gateway, "payment.events")]
    [InlineData(ResourceNames.Gateway, "")]
    [InlineData(ResourceNames.NotificationService, "order.events")]
    [InlineData(ResourceNames.Monitor, "order.events")]
    public async Task Service_cannot_publish_to_exchanges_of_another(string service, string exchange)
    {
        var refusal =
            await broker.RefusalAsync(
                service,
                async channel => await channel.BasicPublishAsync(exchange, "order.created", Array.Empty<byte>(), CancellationToken));

        refusal.ShouldStartWith(Refused);
    }

    [Fact]
    public async Task Monitor_may_consume_the_wire_tap_copies_of_publishers()
    {
        (await broker.RefusalAsync(ResourceNames.Monitor, async channel =>
        {
            await channel.QueueBindAsync("monitor.tap", "wire-tap", "#", cancellationToken: CancellationToken);
            await channel.QueueUnbindAsync("monitor.tap", "order.events", "#", cancellationToken: CancellationToken);
        })).ShouldBeNull();
    }

    [Fact]
    public async Task Documented_permissions_are_the_granted_permissions()
    {
        var operations = await File.ReadAllTextAsync(Repository.File("docs/operations.md"), CancellationToken);

        foreach (var user in BrokerUsers.All)
        {
            operations.ShouldContain(
                $"rabbitmqctl set_permissions {user.Service} \\\n  '{user.Configure}' \\\n  '{user.Write}' \\\n  '{user.Read}'\n");
        }
    }

    [Fact]
    public async Task Monitor_may_listen_for_the_outcome_of_a_staged_replay()
    {
        await using var listener =
            await OutcomeListener.OpenAsync(
                await broker.ConnectionOfAsync(ResourceNames.Monitor), ResourceNames.OrderService, Guid.NewGuid(), CancellationToken);
    }

    [Fact]
    public async Task Management_API_shows_a_service_its_queue_counts_and_lets_it_change_nothing()
    {
        using var http = new HttpClient { BaseAddress = new(broker.Node.ManagementUrl, "api/") };
        var login = $"{ResourceNames.PaymentService}:{broker.PasswordOf(ResourceNames.PaymentService)}";
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));

        // Its statistics come every few seconds.
        await Wait.UntilAsync("the counts are there", async () =>
            (await http.GetFromJsonAsync<JsonElement>("queues/%2F/payment-service", CancellationToken))
                .TryGetProperty("messages_unacknowledged", out _));

        using var others =
            await http.PostAsJsonAsync(
                "queues/%2F/order-service/get", new { count = 1, ackmode = "ack_requeue_false", encoding = "auto" }, CancellationToken);
        others.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var users = await http.GetAsync("users", CancellationToken);
        users.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var definitions = await http.GetAsync("definitions", CancellationToken);
        definitions.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var granted =
            await http.PutAsJsonAsync(
                "permissions/%2F/payment-service", new { configure = ".*", write = ".*", read = ".*" }, CancellationToken);
        granted.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var policy =
            await http.PutAsJsonAsync("policies/%2F/short", new { pattern = ".*", definition = new { maxLength = 1 } }, CancellationToken);
        policy.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
