namespace OrderFlow.AppHost.Postgres;

internal static class PostgresImage
{
    /// <summary>Of <c>docker.io/library/postgres</c>.</summary>
    public const string Tag = "17.6";
}
