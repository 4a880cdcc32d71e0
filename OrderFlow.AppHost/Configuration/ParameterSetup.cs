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
         builder.AddParameter($"{server}-password", new KeptParameter(settings.RunDirectory, $"{server}-password"), secret: true));
}
