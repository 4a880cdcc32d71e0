namespace OrderFlow.AppHost.Postgres;

/// <summary>
/// A PostgreSQL server of the system's own, run from the distribution's programs. Endpoint as on Aspire's container: <c>tcp</c>.
/// </summary>
internal sealed class PostgresNodeResource(string name, string workingDirectory, ParameterResource userName, ParameterResource password)
    : ExecutableResource(name, "/bin/sh", workingDirectory), IResourceWithConnectionString
{
    public const string Endpoint = "tcp";

    /// <summary>The databases that the server has besides its own.</summary>
    public IList<PostgresNodeDatabaseResource> Databases { get; } = [];

    /// <summary><c>Host=127.0.0.1;Port=5432;Username=orderflow;Password=…</c></summary>
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var server = new EndpointReference(this, Endpoint);
            var (host, port) = (server.Property(EndpointProperty.IPV4Host), server.Property(EndpointProperty.Port));
            return ReferenceExpression.Create($"Host={host};Port={port};Username={userName};Password={password}");
        }
    }
}

/// <summary>One database of a <see cref="PostgresNodeResource"/>. It has no process: it is there when its server is.</summary>
internal sealed class PostgresNodeDatabaseResource(string name, PostgresNodeResource server)
    : Resource(name), IResourceWithConnectionString, IResourceWithParent<PostgresNodeResource>
{
    public PostgresNodeResource Parent => server;

    /// <summary>The server's, with <c>;Database=orders</c>.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{server};Database={Name}");
}
