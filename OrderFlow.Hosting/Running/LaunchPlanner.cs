using System.Reflection;
using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Turns a resource into the command line and environment of one of its processes.</summary>
internal sealed class LaunchPlanner(DistributedApplicationExecutionContext executionContext, Assembly appHost, string environment, string runId, Func<string, string?> setting)
{
    /// <param name="resource">A project or an executable.</param>
    /// <param name="replica">Which process of it, counted from 0.</param>
    /// <param name="instanceId">What telemetry calls the process.</param>
    /// <param name="cancellationToken">Ends waiting for values.</param>
    public async Task<LaunchPlan> PlanAsync(IResource resource, int replica, string instanceId, CancellationToken cancellationToken)
    {
        var plan = resource switch
        {
            ProjectResource project => ProjectOutput.PlanFor(project, appHost),
            ExecutableResource executable => new(ProgramSearch.Find(executable), [], executable.WorkingDirectory, new Dictionary<string, string>(StringComparer.Ordinal)),
            _ => throw new DistributedApplicationException($"Resource '{resource.Name}' is a {resource.GetType().Name}; the local engine runs projects and executables."),
        };
        var caller = new ValueProviderContext { ExecutionContext = executionContext, Caller = resource, Replica = replica };
        var variables = new Dictionary<string, string>(plan.Variables, StringComparer.Ordinal) { [Guardian.Mark] = runId };
        if (resource is ProjectResource)
        {
            variables["DOTNET_ENVIRONMENT"] = environment;
            AddTelemetry(variables, resource, instanceId);
        }

        foreach (var (name, value) in await EnvironmentAsync(resource, cancellationToken))
        {
            variables[name] = await ValueAsync(resource, value, caller, cancellationToken);
        }

        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.PortVariable is not null))
        {
            variables[endpoint.PortVariable!] = $"{endpoint.TargetPorts[replica]}";
        }

        List<string> arguments = [.. plan.Arguments];
        foreach (var argument in await ArgumentsAsync(resource, cancellationToken))
        {
            arguments.Add(await ValueAsync(resource, argument, caller, cancellationToken));
        }

        return plan with { Arguments = arguments, Variables = variables };
    }

    private static async Task<string> ValueAsync(IResource resource, object value, ValueProviderContext caller, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(caller, cancellationToken) ?? "",
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(caller, cancellationToken) ?? "",
        bool or int or long => value.ToString()!,
        _ => throw new DistributedApplicationException($"Resource '{resource.Name}' got a value of type {value.GetType().Name} for its environment or arguments; it must be a string or a value provider."),
    };

    private async Task<Dictionary<string, object>> EnvironmentAsync(IResource resource, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, object>(StringComparer.Ordinal);
        var context = new EnvironmentCallbackContext(executionContext, resource, variables, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }

        return variables;
    }

    private static async Task<List<object>> ArgumentsAsync(IResource resource, CancellationToken cancellationToken)
    {
        List<object> arguments = [];
        var context = new CommandLineArgsCallbackContext(arguments, resource, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }

        return arguments;
    }

    /// <summary>Who the process is in telemetry, and where that goes; and no spinning while it waits for work, for the cores are shared.</summary>
    private void AddTelemetry(Dictionary<string, string> variables, IResource resource, string instanceId)
    {
        variables["OTEL_SERVICE_NAME"] = resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instanceId}";
        variables["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = setting("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit") ?? "0";
        foreach (var name in new[] { "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS" })
        {
            if (setting(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }
    }
}
