namespace OrderFlow.Hosting.Running;

/// <summary>Where a running application keeps its logs, parameters and data: configuration <c>OrderFlow:RunDirectory</c>.</summary>
internal static class RunDirectory
{
    public const string Setting = "OrderFlow:RunDirectory";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string Of(IDistributedApplicationBuilder builder)
    {
        var configured = builder.Configuration[Setting];
        return Path.GetFullPath(string.IsNullOrWhiteSpace(configured) ? ".run" : configured, builder.AppHostDirectory);
    }

    public static string Create(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly);
        return path;
    }
}
