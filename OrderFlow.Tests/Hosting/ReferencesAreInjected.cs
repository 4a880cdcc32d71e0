namespace OrderFlow.Tests.Hosting;

public sealed class ReferencesAreInjected
{
    // Not "env": a shell does not pass on variables with a hyphen in their name.
    private const string PrintEnvironment = "tr '\\0' '\\n' < /proc/$$/environ; echo the end; exec sleep 1000";

    [Fact]
    public async Task A_connection_string_and_its_parts_under_the_name_of_the_resource()
    {
        await using var app = new LocalApp("--Parameters:pass=p@ss/word");
        var store = Store(app);
        app.AddScript("user", PrintEnvironment).WithReference(store);

        var variables = await EnvironmentAsync(app, "user");

        var port = store.Resource.GetEndpoint("tcp").Port;
        variables["ConnectionStrings__my-store"].ShouldBe($"store://app:p%40ss%2Fword@localhost:{port}");
        variables["MY_STORE_HOST"].ShouldBe("localhost");
        variables["MY_STORE_PORT"].ShouldBe($"{port}");
    }

    [Fact]
    public async Task A_connection_string_under_another_name()
    {
        await using var app = new LocalApp("--Parameters:pass=x");
        app.AddScript("user", PrintEnvironment).WithReference(Store(app), "orders");

        var variables = await EnvironmentAsync(app, "user");

        variables["ConnectionStrings__orders"].ShouldStartWith("store://app:x@localhost:");
        variables.Keys.ShouldNotContain("ConnectionStrings__my-store");
        variables["ORDERS_HOST"].ShouldBe("localhost");
    }

    [Fact]
    public async Task Endpoints_as_service_discovery_reads_them()
    {
        await using var app = new LocalApp();
        var web = app.AddScript("web-site", "exec sleep 1000").WithHttpEndpoint().WithEndpoint(name: "raw");
        app.AddScript("user", PrintEnvironment)
            .WithReference(web.GetEndpoint("http"))
            .WithReference("bank", new Uri("https://bank.example/"))
            .WithEnvironment("RAW_PORT", $"port {web.GetEndpoint("raw").Property(EndpointProperty.Port)}");

        var variables = await EnvironmentAsync(app, "user");

        var http = web.Resource.GetEndpoint("http").Port;
        variables["services__web-site__http__0"].ShouldBe($"http://localhost:{http}");
        variables["WEB_SITE_HTTP"].ShouldBe($"http://localhost:{http}");
        variables.Keys.ShouldNotContain("services__web-site__raw__0");
        variables["services__bank__default__0"].ShouldBe("https://bank.example/");
        variables["bank"].ShouldBe("https://bank.example/");
        variables["RAW_PORT"].ShouldBe($"port {web.Resource.GetEndpoint("raw").Port}");
    }

    [Fact]
    public async Task Values_of_every_kind_and_the_own_port()
    {
        await using var app = new LocalApp();
        var parameter = app.Builder.AddParameter("greeting", "hello");
        app.AddScript("user", "echo \"arg $1\"; " + PrintEnvironment, "first")
            .WithEnvironment("TEXT", "text")
            .WithEnvironment("PARAMETER", parameter)
            .WithEnvironment("LATE", () => "late")
            .WithEnvironment("MIXED", $"<{parameter}>")
            .WithEnvironment(context => context.EnvironmentVariables["CALLBACK"] = context.Resource.Name)
            .WithHttpEndpoint(env: "PORT");

        var variables = await EnvironmentAsync(app, "user");

        app.Lines("user")[0].ShouldBe("arg first");
        (variables["TEXT"], variables["PARAMETER"], variables["LATE"], variables["MIXED"], variables["CALLBACK"]).ShouldBe(("text", "hello", "late", "<hello>", "user"));
        variables["PORT"].ShouldBe($"{app.App.GetEndpoint("user").Port}");
    }

    [Fact]
    public async Task A_parameter_without_a_value_names_the_setting_that_gives_it_one()
    {
        await using var app = new LocalApp();
        app.AddScript("user", PrintEnvironment).WithEnvironment("KEY", app.Builder.AddParameter("api-key", secret: true));
        await app.StartAsync();

        await app.StateAsync("user", KnownResourceStates.FailedToStart);

        app.Lines("user").ShouldBe(["Parameter 'api-key' has no value. Give it one: --Parameters:api-key=…"]);
    }

    private static IResourceBuilder<StoreResource> Store(LocalApp app) => app.Builder
        .AddResource(new StoreResource("my-store", app.Builder.AddParameter("pass", secret: true).Resource))
        .WithEndpoint(name: "tcp")
        .WithArgs("1000");

    private static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(LocalApp app, string resource)
    {
        await app.StartAsync();
        await app.LineAsync(resource, line => line == "the end");
        return app.Lines(resource).Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private sealed class StoreResource(string name, ParameterResource password) : ExecutableResource(name, "sleep", "."), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression =>
            ReferenceExpression.Create($"store://app:{password:uri}@{new EndpointReference(this, "tcp").Property(EndpointProperty.HostAndPort)}");

        public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties()
        {
            var tcp = new EndpointReference(this, "tcp");
            yield return new("Host", ReferenceExpression.Create($"{tcp.Property(EndpointProperty.Host)}"));
            yield return new("Port", ReferenceExpression.Create($"{tcp.Property(EndpointProperty.Port)}"));
        }
    }
}
