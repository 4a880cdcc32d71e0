namespace OrderFlow.Monitor;

/// <summary>Styles and scripts of the pages.</summary>
internal static class Assets
{
    /// <summary>Where they are, below <c>wwwroot</c>.</summary>
    public const string Path = "/assets";
}
