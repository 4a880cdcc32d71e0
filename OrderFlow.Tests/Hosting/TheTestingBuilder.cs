using OrderFlow.AppHost;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Tests.Hosting;

public sealed class TheTestingBuilder
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stops_the_AppHost_before_it_builds_so_that_a_test_can_change_it()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(CancellationToken);

        builder.Resources.Select(resource => resource.Name).ShouldBe(
            [
                "messaging-user", "messaging-password", ResourceNames.Messaging, "postgres-user", "postgres-password", ResourceNames.Postgres,
                ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService, "monitor-token", "monitor-ingest-key", ResourceNames.Monitor, ResourceNames.Gateway, ResourceNames.Prometheus,
            ],
            ignoreOrder: true);
        builder.Environment.EnvironmentName.ShouldBe("Development");
        builder.AppHostDirectory.ShouldBe(Projects.OrderFlow_AppHost.ProjectPath);
    }

    [Fact]
    public async Task Runs_two_systems_side_by_side_each_with_a_broker_that_knows_only_its_own_password()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        await one.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Messaging, CancellationToken);
        await two.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Messaging, CancellationToken);
        var first = new Uri((await one.GetConnectionStringAsync(ResourceNames.Messaging, CancellationToken))!);
        var second = new Uri((await two.GetConnectionStringAsync(ResourceNames.Messaging, CancellationToken))!);

        first.Port.ShouldNotBe(second.Port);
        await LogInAsync(first);
        await LogInAsync(second);

        var wrong = new UriBuilder(second) { Password = first.UserInfo.Split(':')[1] }.Uri;
        var refused = await Should.ThrowAsync<BrokerUnreachableException>(() => LogInAsync(wrong));
        refused.InnerException.ShouldBeOfType<AuthenticationFailureException>();
    }

    [Fact]
    public async Task Leaves_no_directory_behind()
    {
        string directory;
        await using (var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(CancellationToken))
        {
            directory = builder.Configuration["OrderFlow:RunDirectory"]!;
            await using var app = await builder.BuildAsync(CancellationToken);
            await app.StartAsync(CancellationToken);
            await app.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Prometheus, CancellationToken);
            Directory.Exists(directory).ShouldBeTrue();
        }

        Directory.Exists(directory).ShouldBeFalse();
    }

    [Theory]
    [InlineData("--Programs:RabbitMQHome=/nowhere", "There is no /nowhere/bin/rabbitmq-server. Install it: sudo apt-get install rabbitmq-server")]
    [InlineData("--Programs:Prometheus=no-prometheus", "There is no no-prometheus. Install it: sudo apt-get install prometheus")]
    public async Task Passes_on_what_keeps_the_system_from_starting(string setting, string error)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>([setting], CancellationToken);
        await using var app = await builder.BuildAsync(CancellationToken);

        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => app.StartAsync(CancellationToken));

        failure.Message.ShouldBe(error);
    }

    [Fact]
    public async Task Passes_on_that_the_entry_point_built_nothing()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(["--help"], CancellationToken));

        failure.Message.ShouldBe("The entry point of OrderFlow.AppHost ended without building a distributed application.");
    }

    private static async Task<DistributedApplication> StartAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(CancellationToken);
        var app = await builder.BuildAsync(CancellationToken);
        await app.StartAsync(CancellationToken);
        return app;
    }

    private static async Task LogInAsync(Uri broker)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(CancellationToken);
        connection.IsOpen.ShouldBeTrue();
    }
}
