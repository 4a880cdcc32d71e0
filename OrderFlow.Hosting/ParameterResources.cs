using OrderFlow.Hosting.ApplicationModel;
using OrderFlow.Hosting.Running;

namespace OrderFlow.Hosting;

/// <summary>Values from outside as resources.</summary>
public static class ParameterResources
{
    /// <summary>Adds a parameter whose value is configuration <c>Parameters:{name}</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddParameter(name, () => throw new DistributedApplicationException($"Parameter '{name}' has no value. Give it one: --Parameters:{name}=…"), secret: secret);

    /// <summary>Adds a parameter with a value that configuration <c>Parameters:{name}</c> overrides.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false) => builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>The same, with a value that is found when it is needed.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        Func<string> valueGetter,
        bool publishValueAsDefault = false,
        bool secret = false)
    {
        _ = publishValueAsDefault; // Only publishing asks for it.
        return builder.AddResource(new ParameterResource(name, _ => builder.Configured(name) ?? valueGetter(), secret));
    }

    /// <summary>Adds a parameter with a default.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the parameter; configuration <c>Parameters:{name}</c> overrides the default.</param>
    /// <param name="value">The default, for example a <see cref="GenerateParameterDefault"/>.</param>
    /// <param name="secret">True for a value that must never be shown.</param>
    /// <param name="persist">True to keep the value for the next start, in a file that only this user can read.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        ParameterDefault value,
        bool secret = false,
        bool persist = false)
    {
        return builder.AddResource(new ParameterResource(name, Value, secret) { Default = value });

        string Value(ParameterDefault? byDefault) => builder.Configured(name) ?? (persist ? Kept(byDefault!) : byDefault!.GetDefaultValue());
        string Kept(ParameterDefault byDefault) => new ParameterStore(RunDirectory.Of(builder)).GetOrAdd(name, byDefault.GetDefaultValue);
    }

    private static string? Configured(this IDistributedApplicationBuilder builder, string name) => builder.Configuration[$"Parameters:{name}"];
}
