using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Hosting.ApplicationModel;
using OrderFlow.Hosting.Eventing;

namespace OrderFlow.Hosting;

/// <summary>Describes a distributed application: its resources and how they depend on each other.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>Settings of the AppHost: appsettings files, environment variables, command line.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>Directory of the AppHost project.</summary>
    string AppHostDirectory { get; }

    /// <summary>The assembly that describes the application.</summary>
    Assembly? AppHostAssembly { get; }

    IHostEnvironment Environment { get; }

    /// <summary>Services of the AppHost itself: health checks, hosted services.</summary>
    IServiceCollection Services { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IDistributedApplicationEventing Eventing { get; }

    IResourceCollection Resources { get; }

    /// <summary>Adds a resource of any kind.</summary>
    /// <exception cref="DistributedApplicationException">A resource of that name exists already (names differ by more than case).</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>A builder for a resource that is in the model already.</summary>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    DistributedApplication Build();
}
