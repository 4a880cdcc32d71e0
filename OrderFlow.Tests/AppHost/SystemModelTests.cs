using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Tests.Support;

namespace OrderFlow.Tests.AppHost;

/// <summary>The system as the AppHost describes it, with containers and without; it is not started.</summary>
public sealed class SystemModelTests
{
    private static readonly string[] Services = ["gateway", "order-service", "payment-service", "notification-service", "monitor"];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Containers_have_pinned_images()
    {
        await using var model = await ModelAsync("--Containers=true");

        Image("messaging").ShouldBe("docker.io/library/rabbitmq:4.1.4-management");
        Image("postgres").ShouldBe("docker.io/library/postgres:17.6");
        Image("prometheus").ShouldBe("prom/prometheus:v3.5.0");

        string Image(string resource)
        {
            var image = model.Find(resource).Annotations.OfType<ContainerImageAnnotation>().Last();
            return $"{(image.Registry is { } registry ? $"{registry}/" : "")}{image.Image}:{image.Tag}";
        }
    }

    [Fact]
    public async Task Containers_keep_their_data_in_volumes_and_get_their_configuration_from_the_repository()
    {
        await using var model = await ModelAsync("--Containers=true");

        Mounts("messaging")
            .ShouldBe(
                ["enabled_plugins > /etc/rabbitmq/enabled_plugins", "20-orderflow.conf > /etc/rabbitmq/conf.d/20-orderflow.conf",
                    "volume > /var/lib/rabbitmq"]);
        Mounts("postgres").ShouldBe(["volume > /var/lib/postgresql/data"]);
        Mounts("prometheus").ShouldBe(["prometheus > /etc/prometheus"]);

        string[] Mounts(string resource) =>
        [
            .. model.Find(resource).Annotations.OfType<ContainerMountAnnotation>().Select(mount =>
            {
                if (mount.Type == ContainerMountType.BindMount && Path.GetFileName(mount.Source) is not "prometheus")
                {
                    File.Exists(mount.Source).ShouldBeTrue(mount.Source);
                }

                return $"{(mount.Type == ContainerMountType.Volume ? "volume" : Path.GetFileName(mount.Source))} > {mount.Target}";
            }),
        ];
    }

    [Theory]
    [InlineData("--Containers=true")]
    [InlineData("--Containers=false")]
    public async Task Ports_are_those_of_the_settings_with_containers_and_without(string containers)
    {
        await using var model = await ModelAsync(containers);

        model.Port("messaging", "tcp").ShouldBe(model.Ports["RabbitMQ"]);
        model.Port("messaging", "management").ShouldBe(model.Ports["RabbitMQManagement"]);
        model.Port("messaging", "metrics").ShouldBe(model.Ports["RabbitMQMetrics"]);
        model.Port("postgres", "tcp").ShouldBe(model.Ports["Postgres"]);
        model.Port("prometheus", "http").ShouldBe(model.Ports["Prometheus"]);
        model.Port("gateway", "http").ShouldBe(model.Ports["Gateway"]);
        model.Port("order-service", "http").ShouldBe(model.Ports["OrderService"]);
        model.Port("payment-service", "http").ShouldBe(model.Ports["PaymentService"]);
        model.Port("notification-service", "http").ShouldBe(model.Ports["NotificationService"]);
        model.Port("monitor", "http").ShouldBe(model.Ports["Monitor"]);
    }

    [Theory]
    [InlineData("--Containers=true")]
    [InlineData("--Containers=false")]
    public async Task Connection_strings_have_the_same_form_with_containers_and_without(string containers)
    {
        await using var model = await ModelAsync(containers);

        Connection("messaging")
            .ShouldBe(
                "amqp://{messaging-user.value}:{messaging-password.value}@{messaging.bindings.tcp.host}:{messaging.bindings.tcp.port}");
        Connection("postgres")
            .ShouldBe(
                "Host={postgres.bindings.tcp.host};Port={postgres.bindings.tcp.port};"
                + "Username={postgres-user.value};Password={postgres-password.value}");
        Connection("orders").ShouldBe("{postgres.connectionString};Database=orders");

        string Connection(string resource) =>
            ((IResourceWithConnectionString)model.Find(resource)).ConnectionStringExpression.ValueExpression;
    }

    [Theory]
    [InlineData("--Containers=true", "gateway")]
    [InlineData("--Containers=true", "order-service", "orders", "order_service")]
    [InlineData("--Containers=true", "payment-service", "payments", "payment_service")]
    [InlineData("--Containers=true", "notification-service", "notifications", "notification_service")]
    [InlineData("--Containers=true", "monitor", "events", "monitor")]
    [InlineData("--Containers=false", "gateway")]
    [InlineData("--Containers=false", "order-service", "orders", "order_service")]
    [InlineData("--Containers=false", "payment-service", "payments", "payment_service")]
    [InlineData("--Containers=false", "notification-service", "notifications", "notification_service")]
    [InlineData("--Containers=false", "monitor", "events", "monitor")]
    public async Task A_service_has_a_user_of_its_own_and_never_the_administrators(
        string containers, string service, string? database = null, string? role = null)
    {
        await using var model = await ModelAsync(containers);

        var environment = await EnvironmentAsync(model, service);

        environment["ConnectionStrings__messaging"].ShouldBe(
            $"amqp://{service}:{{messaging-{service}-password.value}}@{{messaging.bindings.tcp.host}}:{{messaging.bindings.tcp.port}}");
        environment["Messaging__ManagementUrl"].ShouldBe(
            "http://{messaging.bindings.management.host}:{messaging.bindings.management.port}");
        environment.Keys.Where(name => name.StartsWith("ConnectionStrings__", StringComparison.Ordinal)).ShouldBe(
            database is null ? ["ConnectionStrings__messaging"] : ["ConnectionStrings__messaging", $"ConnectionStrings__{database}"],
            ignoreOrder: true);
        if (database is not null)
        {
            environment[$"ConnectionStrings__{database}"].ShouldBe(
                "Host={postgres.bindings.tcp.host};Port={postgres.bindings.tcp.port};"
                + $"Username={role};Password={{postgres-{service}-password.value}};Database={database}");
        }

        string[] own = [$"{{messaging-{service}-password.value}}", $"{{postgres-{service}-password.value}}"];
        model.Resources.OfType<ParameterResource>().Select(parameter => $"{{{parameter.Name}.value}}")
            .Where(parameter =>
                parameter.EndsWith("-password.value}", StringComparison.Ordinal)
                    && environment.Values.Any(value => value.Contains(parameter, StringComparison.Ordinal)))
            .ShouldBe(database is null ? own[..1] : own, ignoreOrder: true);
    }

    [Fact]
    public async Task Without_the_Monitor_nothing_is_sent_to_it()
    {
        await using var model = await ModelAsync("--Observability:Monitor=false");

        model.Resources.ShouldNotContain(resource => resource.Name == "monitor");
        foreach (var service in Services.Except(["monitor"]))
        {
            (await EnvironmentAsync(model, service)).ShouldNotContainKey("Telemetry__MonitorEndpoint");
            model.Find(service).Annotations.OfType<ResourceCommandAnnotation>()
                .ShouldNotContain(command => command.Name == "replay-dead-letters");
        }

        model.Resources.ShouldContain(resource => resource.Name == "prometheus");
    }

    [Fact]
    public async Task Without_metrics_there_is_no_Prometheus()
    {
        await using var model = await ModelAsync("--Observability:Metrics=false");

        model.Resources.ShouldNotContain(resource => resource.Name == "prometheus");
        foreach (var service in Services)
        {
            var environment = await EnvironmentAsync(model, service);
            (environment["Telemetry__Metrics"], environment["Telemetry__Traces"]).ShouldBe(("false", "true"));
            environment.ShouldNotContainKey("Monitor__PrometheusUrl");
        }
    }

    [Fact]
    public async Task Without_traces_the_rest_is_as_before()
    {
        await using var model = await ModelAsync("--Observability:Traces=false");

        model.Resources.ShouldContain(resource => resource.Name == "monitor");
        foreach (var service in Services)
        {
            var environment = await EnvironmentAsync(model, service);
            (environment["Telemetry__Metrics"], environment["Telemetry__Traces"]).ShouldBe(("true", "false"));
        }
    }

    [Fact]
    public async Task Broker_container_gets_its_users_from_a_file_that_only_it_can_read()
    {
        await using var model = await ModelAsync("--Containers=true");

        var files = model.Find("messaging").Annotations.OfType<ContainerFileSystemCallbackAnnotation>().ShouldHaveSingleItem();
        var folder =
            (ContainerDirectory)(await files.Callback(
                new() { Model = model.Find("messaging"), Services = model.Provider }, CancellationToken)).ShouldHaveSingleItem();
        var definitions = (ContainerFile)folder.Entries.ShouldHaveSingleItem();

        ($"{files.DestinationPath}{folder.Name}/{definitions.Name}", definitions.Mode, files.DefaultOwner).ShouldBe(
            ("/orderflow/definitions.json", UnixFileMode.UserRead | UnixFileMode.UserWrite, 999));
        File.ReadAllText(
            model.Find("messaging").Annotations.OfType<ContainerMountAnnotation>()
                .Single(mount => mount.Target!.EndsWith(".conf", StringComparison.Ordinal)).Source!)
            .ShouldContain("load_definitions = /orderflow/definitions.json");
        using var document = System.Text.Json.JsonDocument.Parse(definitions.Contents!);
        document.RootElement.GetProperty("users").EnumerateArray()
            .Select(user => $"{user.GetProperty("name")} {user.GetProperty("tags")}").ShouldBe(
            ["orderflow administrator", "gateway management", "order-service management", "payment-service management",
                "notification-service management", "monitor management"]);
        var parameters = await File.ReadAllTextAsync(Path.Combine(model.RunDirectory, "parameters.json"), CancellationToken);
        foreach (var password in System.Text.Json.JsonDocument.Parse(parameters).RootElement.EnumerateObject())
        {
            definitions.Contents!.ShouldNotContain(password.Value.GetString()!);
        }
    }

    [Fact]
    public async Task Without_containers_the_distributions_programs_run_with_directories_of_their_own()
    {
        await using var model = await ModelAsync("--Containers=false");

        foreach (var (resource, program) in new[] { ("messaging", "/bin/sh"), ("postgres", "/bin/sh"), ("prometheus", "prometheus") })
        {
            var native = model.Find(resource).ShouldBeAssignableTo<ExecutableResource>()!;
            native.Command.ShouldBe(program);
            native.WorkingDirectory.ShouldBe(Path.Combine(model.RunDirectory, resource));
        }

        model.Resources.OfType<ContainerResource>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--Containers=true")]
    [InlineData("--Containers=false")]
    public async Task Databases_are_children_of_their_server(string containers)
    {
        await using var model = await ModelAsync(containers);

        foreach (var database in new[] { "orders", "payments", "notifications", "events" })
        {
            model.Find(database).ShouldBeAssignableTo<IResourceWithParent>()!.Parent.Name.ShouldBe("postgres");
        }
    }

    [Fact]
    public async Task A_service_runs_what_the_build_made_and_listens_on_its_port_itself()
    {
        await using var model = await ModelAsync();

        foreach (var name in Services)
        {
            var service = model.Find(name);
            service.Annotations.OfType<ExecutableAnnotation>().ShouldHaveSingleItem().Command.ShouldEndWith(
                $"/net10.0/{Path.GetFileNameWithoutExtension(((ProjectResource)service).GetProjectMetadata().ProjectPath)}");
            service.Annotations.OfType<EndpointAnnotation>().Single().IsProxied.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Replicas_stand_behind_a_proxy_and_each_is_supervised()
    {
        await using var model = await ModelAsync("--Replicas:OrderService=3");

        model.Find("order-service").Annotations.OfType<ReplicaAnnotation>().Last().Replicas.ShouldBe(3);
        model.Find("order-service").Annotations.OfType<EndpointAnnotation>().Single().IsProxied.ShouldBeTrue();
        model.Find("gateway").Annotations.OfType<ReplicaAnnotation>().Last().Replicas.ShouldBe(1);
    }

    [Fact]
    public async Task Every_service_and_server_has_a_health_check()
    {
        await using var model = await ModelAsync();

        foreach (var resource in model.Resources.Where(resource =>
            resource is ProjectResource or ExecutableResource
                && Services.Append("messaging").Append("postgres").Append("prometheus").Contains(resource.Name, StringComparer.Ordinal)))
        {
            resource.Annotations.OfType<HealthCheckAnnotation>().ShouldNotBeEmpty(resource.Name);
        }
    }

#pragma warning disable CS0618 // What replaces it does not say what a published system gets, and a running one has no addresses yet.
    private static async Task<Dictionary<string, string>> EnvironmentAsync(Model model, string service) =>
        await ((IResourceWithEnvironment)model.Find(service))
            .GetEnvironmentVariableValuesAsync(DistributedApplicationOperation.Publish);
#pragma warning restore CS0618

    private static async Task<Model> ModelAsync(params string[] settings)
    {
        var directory = new TemporaryDirectory();
        string[] names = [
            "Gateway", "OrderService", "NotificationService", "PaymentService", "Monitor", "Prometheus", "Dashboard", "RabbitMQ",
            "RabbitMQManagement", "RabbitMQMetrics", "RabbitMQDistribution", "Epmd", "Postgres", "Alertmanager", "Grafana"];
        var ports = names.ToDictionary(name => name, _ => FreePorts.Next(), StringComparer.Ordinal);
        string[] args =
        [
            "--DcpPublisher:RandomizePorts=false",
            // It is built and never started, which its host takes for a failure.
            "--Logging:LogLevel:Default=None",
            $"--OrderFlow:RunDirectory={directory.FullPath}",
            .. ports.Select(port => $"--Ports:{port.Key}={port.Value}"),
            .. settings,
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(args, CancellationToken);
        return new(await builder.BuildAsync(CancellationToken), directory, ports);
    }

    private sealed class Model(DistributedApplication app, TemporaryDirectory directory, IReadOnlyDictionary<string, int> ports)
        : IAsyncDisposable
    {
        public IReadOnlyDictionary<string, int> Ports => ports;

        public string RunDirectory => directory.FullPath;

        public IEnumerable<IResource> Resources => app.Services.GetRequiredService<DistributedApplicationModel>().Resources;

        public IServiceProvider Provider => app.Services;

        public IResource Find(string name) => Resources.Single(resource => resource.Name == name);

        public int? Port(string resource, string endpoint) =>
            Find(resource).Annotations.OfType<EndpointAnnotation>().Single(found => found.Name == endpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            directory.Dispose();
        }
    }
}
