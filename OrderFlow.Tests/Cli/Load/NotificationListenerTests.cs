using Google.Protobuf;
using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Notifications;
using OrderFlow.Contracts;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Cli.Load;

public sealed class NotificationListenerTests(BrokerFixture broker)
{
    private const string Exchange = "notification.events";

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly OrderLedger _ledger = new(TimeProvider.System);
    private readonly List<string> _said = [];

    [Fact]
    public async Task Notifications_of_the_run_are_heard_over_a_lost_connection_and_the_queue_is_gone_afterwards()
    {
        var node = await broker.NodeAsync();
        await using var client = await RawClient.ConnectAsync(node);
        await client.Channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: TestContext.Current.CancellationToken);
        await using (var tap = Tap(node))
        {
            await tap.StartAsync(TestContext.Current.CancellationToken);
            await TellAsync(client, $"load-{_run}-0", micros: 4_000);
            await TellAsync(client, "load-another-1", micros: 1);
            await Wait.UntilAsync("the first notification arrived", () => _ledger.Count().Arrived == 1);

            await node.Management.CloseConnectionAsync($"load-test-{_run}");
            await TellAsync(client, $"load-{_run}-1", micros: 8_000);

            await Wait.UntilAsync("the second notification arrived", () => _ledger.Count().Arrived == 2);
            (await client.Channel.QueueDeclarePassiveAsync($"load-test-{_run}", TestContext.Current.CancellationToken)).ConsumerCount.ShouldBe(1u);
        }

        _ledger.EndToEnd.Max.ShouldBe(TimeSpan.FromMilliseconds(8));
        _ledger.Count().ShouldSatisfyAllConditions(counts => counts.Arrived.ShouldBe(2), counts => counts.Repeated.ShouldBe(0));
        _said.Count.ShouldBe(2, "lost, and listening again");
        (await Should.ThrowAsync<RabbitMQ.Client.Exceptions.OperationInterruptedException>(client.Channel.QueueDeclarePassiveAsync($"load-test-{_run}", TestContext.Current.CancellationToken)))
            .ShutdownReason!.ReplyCode.ShouldBe((ushort)404);
    }

    [Fact]
    public async Task A_broker_that_refuses_the_user_is_an_error_that_says_so_without_the_password()
    {
        var node = await broker.NodeAsync();
        await using var tap = new NotificationListener(
            new RunningSystem(new Uri("http://localhost"), new Uri($"amqp://nobody:secret@127.0.0.1:{node.Port}")), _run, new OrderNumbers(_run), _ledger, TimeProvider.System, _said.Add);

        var failure = await Should.ThrowAsync<CommandException>(tap.StartAsync(TestContext.Current.CancellationToken));

        failure.Message.ShouldContain("ACCESS_REFUSED");
        failure.Message.ShouldContain("./run.sh");
        failure.Message.ShouldNotContain("secret");
    }

    private NotificationListener Tap(RabbitNode node) => new(
        new RunningSystem(new Uri("http://localhost"), new Uri(node.ConnectionString)), _run, new OrderNumbers(_run), _ledger, TimeProvider.System, _said.Add);

    private static ValueTask TellAsync(RawClient client, string correlationId, long micros) => client.Channel.BasicPublishAsync(
        Exchange,
        "notification.sent",
        mandatory: false,
        new BasicProperties { Type = "notification.sent", CorrelationId = correlationId, MessageId = Guid.CreateVersion7().ToString(), Persistent = true },
        new NotificationSent { OrderId = Guid.CreateVersion7().ToString(), EndToEndMicros = micros }.ToByteArray(),
        TestContext.Current.CancellationToken);
}
