namespace OrderFlow.AppHost.Resources;

/// <summary>Who may look at the Monitor.</summary>
internal static class ConsoleAccess
{
    /// <summary>256 bits of letters and digits.</summary>
    private const int TokenLength = 43;

    /// <summary>Another token with every start, unless one is set with <c>Parameters:monitor-token</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddConsoleToken(this IDistributedApplicationBuilder builder, string monitor) =>
        builder.AddParameter($"{monitor}-token", new GenerateParameterDefault { MinLength = TokenLength, Special = false }, secret: true);

    /// <summary>The Monitor asks for the token, and its address is shown with it: who sees the console of the AppHost may log in.</summary>
    public static IResourceBuilder<ProjectResource> WithConsole(
        this IResourceBuilder<ProjectResource> monitor, IResourceBuilder<ParameterResource> token, IResourceBuilder<ProjectResource> gateway, Settings settings) => monitor
        .WithEnvironment("Monitor__Token", token)
        .WithEnvironment("Monitor__GatewayUrl", gateway.GetEndpoint("http"))
        .WithEnvironment("Monitor__DiscardDirectory", settings.RunDirectory.In("discarded"))
        .WithUrls(async context =>
        {
            foreach (var url in context.Urls.Where(url => url.Endpoint?.EndpointName == "http"))
            {
                url.Url = $"{url.Url.TrimEnd('/')}/login?t={await token.Resource.GetValueAsync(context.CancellationToken)}";
                url.DisplayText = "Console";
            }
        });

    /// <summary>The Monitor asks there what every service has handled.</summary>
    public static IResourceBuilder<ProjectResource> ReconcilesWith(this IResourceBuilder<ProjectResource> monitor, IResourceBuilder<IResourceWithEndpoints> prometheus) =>
        monitor.WithEnvironment("Monitor__PrometheusUrl", prometheus.GetEndpoint("http"));
}
