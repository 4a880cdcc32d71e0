using System.Globalization;
using System.Text.Json;
using Npgsql;
using OrderFlow.AppHost;
using OrderFlow.AppHost.Configuration;
using OrderFlow.Tests.Support.EndToEnd;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>In the running system a service's credentials open its own database and its own queues, and nothing else.</summary>
[Collection(JourneyFixture.Collection)]
public sealed class LeastPrivilegeTests(JourneyFixture journey)
{
    private static readonly string[] Services =
        [
            ResourceNames.Gateway,
            ResourceNames.OrderService,
            ResourceNames.PaymentService,
            ResourceNames.NotificationService,
            ResourceNames.Monitor,
        ];

    private static readonly string[] Databases =
        [ResourceNames.Orders, ResourceNames.Payments, ResourceNames.Notifications, ResourceNames.Events, "postgres"];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    private OrderFlowHost Host => journey.Host;

    [Fact]
    public async Task No_process_of_a_service_knows_a_password_that_is_not_its_own()
    {
        var parameters = await File.ReadAllTextAsync(Path.Combine(Host.RunDirectory, "parameters.json"), CancellationToken);
        var passwords = JsonSerializer.Deserialize<Dictionary<string, string>>(parameters)!;

        foreach (var service in Services)
        {
            var process = Host.ProcessIdsOf(service).ShouldHaveSingleItem();
            var environment = await File.ReadAllTextAsync(
                $"/proc/{process.ToString(CultureInfo.InvariantCulture)}/environ", CancellationToken);
            var known = passwords.Where(password => environment.Contains(password.Value, StringComparison.Ordinal))
                .Select(password => password.Key);

            string[] own = service == ResourceNames.Gateway
                ? ["messaging-gateway-password"]
                : [$"messaging-{service}-password", $"postgres-{service}-password"];
            known.Order(StringComparer.Ordinal).ShouldBe(own);
        }
    }

    [Theory]
    [InlineData(ResourceNames.OrderService, ResourceNames.Orders)]
    [InlineData(ResourceNames.PaymentService, ResourceNames.Payments)]
    [InlineData(ResourceNames.NotificationService, ResourceNames.Notifications)]
    [InlineData(ResourceNames.Monitor, ResourceNames.Events)]
    public async Task A_service_connects_to_its_own_database_and_to_no_other(string service, string own)
    {
        var login = new NpgsqlConnectionStringBuilder(await LoginAsync(service, own)) { Pooling = false };

        await using (var connection = new NpgsqlConnection(login.ConnectionString))
        {
            await connection.OpenAsync(CancellationToken);
        }

        foreach (var database in Databases.Where(name => name != own))
        {
            login.Database = database;
            await using var refused = new NpgsqlConnection(login.ConnectionString);
            var refusal = await Should.ThrowAsync<PostgresException>(() => refused.OpenAsync(CancellationToken));
            refusal.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
    }

    [Theory]
    [InlineData("order-service")]
    [InlineData("order-service.dead-letters")]
    public async Task The_login_of_PaymentService_cannot_read_a_queue_of_OrderService(string queue)
    {
        var login = new ConnectionFactory { Uri = new(await LoginAsync(ResourceNames.PaymentService, ResourceNames.Messaging)) };
        await using var connection = await login.CreateConnectionAsync(CancellationToken);

        foreach (var read in new Func<IChannel, Task>[]
        {
            channel => channel.BasicGetAsync(queue, autoAck: false, CancellationToken),
            channel => channel.BasicConsumeAsync(queue, autoAck: false, new AsyncDefaultBasicConsumer(channel), CancellationToken),
            channel => channel.QueuePurgeAsync(queue, CancellationToken),
            channel => channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: CancellationToken),
        })
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: CancellationToken);
            var refusal = await Should.ThrowAsync<OperationInterruptedException>(() => read(channel));
            ((int)refusal.ShutdownReason.ShouldNotBeNull().ReplyCode).ShouldBe(Constants.AccessRefused);
        }
    }

    private async Task<string> LoginAsync(string service, string server)
    {
        var login = Host.Resource(server).Annotations.OfType<ServiceLogin>().Single(login => login.Service == service);
        return (await login.ConnectionString.GetValueAsync(CancellationToken))!;
    }
}
