namespace OrderFlow.AppHost.Configuration;

/// <summary>Parameters that are made when nobody sets them.</summary>
internal static class ParameterSetup
{
    /// <summary>256 bits of letters and digits.</summary>
    private const int KeyLength = 43;

    /// <summary>A secret that is another one with every start.</summary>
    public static IResourceBuilder<ParameterResource> AddKey(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = KeyLength, Special = false }, secret: true);

    /// <summary>User and password of a server, kept beside its data.</summary>
    public static (IResourceBuilder<ParameterResource> UserName, IResourceBuilder<ParameterResource> Password) AddCredentials(
        this IDistributedApplicationBuilder builder, string server, SystemSettings settings) =>
        (builder.AddParameter($"{server}-user", "orderflow"),
         builder.AddKeptPassword($"{server}-password", settings));

    /// <summary>The password of a service's user of a server, kept beside the server's data.</summary>
    /// <param name="builder">The system.</param>
    /// <param name="server">The server's resource.</param>
    /// <param name="service">The service's resource.</param>
    /// <param name="user">What the user is called there; the administrator must be called otherwise.</param>
    /// <param name="settings">Of the system.</param>
    public static IResourceBuilder<ParameterResource> AddServicePassword(
        this IDistributedApplicationBuilder builder, string server, string service, string user, SystemSettings settings)
    {
        settings.RefuseValue($"Parameters:{server}-user", user, $"that is the user of {service}");
        return builder.AddKeptPassword($"{server}-{service}-password", settings);
    }

    private static IResourceBuilder<ParameterResource> AddKeptPassword(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings) =>
        builder.AddParameter(name, new KeptParameter(settings.RunDirectory, name), secret: true);
}
