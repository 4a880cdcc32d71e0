using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>A part of the distributed application: a project, a program, a parameter.</summary>
public interface IResource
{
    /// <summary>Unique in the application; letters, digits and single hyphens.</summary>
    string Name { get; }

    /// <summary>Everything that is said about the resource.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>A resource that takes environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that takes command line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens on ports.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource whose endpoints other resources find by its name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>A resource whose start can wait for others.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>One thing that is said about a resource.</summary>
public interface IResourceAnnotation;

/// <summary>All that is said about a resource, in the order in which it was said.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "The name is Aspire's.")]
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

/// <summary>What to do with earlier annotations of the same type.</summary>
public enum ResourceAnnotationMutationBehavior
{
    Append = 0,
    Replace = 1,
}
