namespace OrderFlow.Gateway.DescribeApi;

/// <summary>Whether the API describes itself; configuration section <c>OpenApi</c>.</summary>
internal sealed class DescribeApiOptions
{
    public const string Section = "OpenApi";

    /// <summary>
    /// Whether <c>/openapi/v1.json</c> and the page <c>/scalar</c> are served. Default: in the environment Development only.
    /// </summary>
    public bool? Enabled { get; set; }
}
