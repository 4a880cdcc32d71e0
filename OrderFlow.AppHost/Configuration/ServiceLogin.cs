namespace OrderFlow.AppHost.Configuration;

/// <summary>What a service says to a server instead of the administrator's connection string: it has a user of its own there.</summary>
/// <param name="Service">The service's resource, such as <c>order-service</c>.</param>
/// <param name="ConnectionString">With the service's user and password.</param>
internal sealed record ServiceLogin(string Service, ReferenceExpression ConnectionString) : IResourceAnnotation;

/// <summary>Lets services log in as themselves.</summary>
internal static class ServiceLoginSetup
{
    /// <summary>
    /// The service gets its own connection string under the server's name, and no other: <c>WithReference</c> would hand the
    /// administrator's password to it, in several variables.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The server has no user for the service.</exception>
    public static IResourceBuilder<ProjectResource> LogsInAt(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> server)
    {
        var login = server.Resource.Annotations.OfType<ServiceLogin>().SingleOrDefault(login => login.Service == service.Resource.Name)
            ?? throw new DistributedApplicationException($"'{server.Resource.Name}' has no user for '{service.Resource.Name}'.");
        return service
            .WithReferenceRelationship(server.Resource)
            .WithEnvironment($"ConnectionStrings__{server.Resource.Name}", login.ConnectionString);
    }
}
