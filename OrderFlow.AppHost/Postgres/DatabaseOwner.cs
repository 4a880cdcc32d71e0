namespace OrderFlow.AppHost.Postgres;

/// <summary>A database of a server, and the role that owns it: the service's, that no other database lets in.</summary>
internal sealed record DatabaseOwner(string Database, string Role, ParameterResource Password) : IResourceAnnotation
{
    /// <summary><c>order_service</c> of <c>order-service</c>: a name that needs no quotes.</summary>
    public static string RoleOf(string service) => service.Replace('-', '_');
}
