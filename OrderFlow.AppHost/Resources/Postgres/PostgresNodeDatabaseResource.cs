namespace OrderFlow.AppHost.Resources.Postgres;

/// <summary>One database of a <see cref="PostgresNodeResource"/>. It has no process: it is there when its server is.</summary>
internal sealed class PostgresNodeDatabaseResource(string name, PostgresNodeResource server) : Resource(name), IResourceWithConnectionString
{
    /// <summary>The server's, with <c>;Database=orders</c>.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{server.ConnectionStringExpression};Database={Name}");
}
