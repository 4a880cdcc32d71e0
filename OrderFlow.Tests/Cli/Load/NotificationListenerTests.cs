using Google.Protobuf;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;
using OrderFlow.Contracts;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Tests.Cli.Load;

public sealed class NotificationListenerTests(BrokerFixture broker)
{
    private const string Exchange = "notification.events";

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly OrderLedger _ledger = new(TimeProvider.System);
    private readonly List<string> _reported = [];

    [Fact]
    public async Task Notifications_arrive_over_a_lost_connection_and_the_queue_is_deleted_at_the_end()
    {
        var node = await broker.NodeAsync();
        await using var client = await RawClient.ConnectAsync(node);
        await client.Channel.ExchangeDeclareAsync(
            Exchange, ExchangeType.Topic, durable: true, cancellationToken: TestContext.Current.CancellationToken);
        await using (var listener = Listen(node.ConnectionString))
        {
            await listener.StartAsync(TestContext.Current.CancellationToken);
            await PublishAsync(client, $"load-{_run}-0", micros: 4_000);
            await PublishAsync(client, "load-another-1", micros: 1);
            await Wait.UntilAsync("the first notification arrived", () => _ledger.Count().Arrived == 1);

            await node.Management.CloseConnectionAsync($"load-test-{_run}");
            await PublishAsync(client, $"load-{_run}-1", micros: 8_000);

            await Wait.UntilAsync("the second notification arrived", () => _ledger.Count().Arrived == 2);
            var queue = await client.Channel.QueueDeclarePassiveAsync($"load-test-{_run}", TestContext.Current.CancellationToken);
            queue.ConsumerCount.ShouldBe(1u);
        }

        _ledger.EndToEnd.Max.ShouldBe(TimeSpan.FromMilliseconds(8));
        _ledger.Count().ShouldSatisfyAllConditions(counts => counts.Arrived.ShouldBe(2), counts => counts.Repeated.ShouldBe(0));
        _reported.Count.ShouldBe(2, "lost, and listening again");
        var gone = await Should.ThrowAsync<OperationInterruptedException>(
            client.Channel.QueueDeclarePassiveAsync($"load-test-{_run}", TestContext.Current.CancellationToken));
        gone.ShutdownReason!.ReplyCode.ShouldBe((ushort)404);
    }

    [Fact]
    public async Task A_broker_that_refuses_the_user_is_an_error_that_says_so_without_the_password()
    {
        var node = await broker.NodeAsync();
        await using var listener = Listen($"amqp://nobody:secret@127.0.0.1:{node.Port}");

        var failure = await Should.ThrowAsync<CommandException>(listener.StartAsync(TestContext.Current.CancellationToken));

        failure.Message.ShouldContain("ACCESS_REFUSED");
        failure.Message.ShouldContain("./run.sh");
        failure.Message.ShouldNotContain("secret");
    }

    private NotificationListener Listen(string uri)
    {
        var system = new RunningSystem(new Uri("http://localhost"), new Uri(uri));
        return new(system, _run, new OrderNumbers(_run), _ledger, TimeProvider.System, _reported.Add);
    }

    private static ValueTask PublishAsync(RawClient client, string correlationId, long micros) => client.Channel.BasicPublishAsync(
        Exchange,
        "notification.sent",
        mandatory: false,
        new BasicProperties
        {
            Type = "notification.sent",
            CorrelationId = correlationId,
            MessageId = Guid.CreateVersion7().ToString(),
            Persistent = true,
        },
        new NotificationSent { OrderId = Guid.CreateVersion7().ToString(), EndToEndMicros = micros }.ToByteArray(),
        TestContext.Current.CancellationToken);
}
