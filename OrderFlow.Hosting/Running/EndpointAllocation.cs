using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Gives every endpoint its port, and says clearly which port is taken, by whom.</summary>
internal static class EndpointAllocation
{
    /// <summary>Below the range from which the kernel takes ports for outgoing connections.</summary>
    private const int FirstFree = 20_000;

    /// <returns>The proxies that some endpoints need.</returns>
    /// <exception cref="DistributedApplicationException">A port is taken or wanted twice.</exception>
    public static IReadOnlyList<ReplicaProxy> Allocate(IEnumerable<IResource> resources, bool randomize)
    {
        var planned = resources
            .SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => Plan(resource, endpoint, randomize)))
            .ToArray();
        var problems = Doubles(planned).Concat(planned.Where(plan => plan.Fixed && !LoopbackPorts.IsFree(plan.Port)).Select(Taken)).ToArray();
        if (problems.Length > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
        }

        List<ReplicaProxy> proxies = [];
        foreach (var plan in planned)
        {
            plan.Endpoint.Allocate(plan.Port, plan.TargetPorts);
            if (plan.TargetPorts.Count > 1 || plan.TargetPorts[0] != plan.Port)
            {
                proxies.Add(new(plan.Resource.Name, plan.Port, plan.TargetPorts));
            }
        }

        return proxies;
    }

    public static int ReplicasOf(IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private static Planned Plan(IResource resource, EndpointAnnotation endpoint, bool randomize)
    {
        var replicas = ReplicasOf(resource);
        if (!endpoint.IsProxied)
        {
            return replicas == 1
                ? PlanWithoutProxy(resource, endpoint)
                : throw new DistributedApplicationException($"Endpoint '{endpoint.Name}' of resource '{resource.Name}' has no proxy, so its {replicas} replicas cannot share it.");
        }

        var wanted = randomize ? null : endpoint.Port;
        var port = wanted ?? LoopbackPorts.TakeFree(FirstFree);
        var targets = (replicas, endpoint.TargetPort) switch
        {
            (1, { } target) => [target],
            (1, null) => [port],
            (_, null) => Enumerable.Range(0, replicas).Select(_ => LoopbackPorts.TakeFree(FirstFree)).ToArray(),
            _ => throw new DistributedApplicationException($"Endpoint '{endpoint.Name}' of resource '{resource.Name}' has a target port, so its {replicas} replicas would all listen on it."),
        };
        return new(resource, endpoint, port, targets, Fixed: wanted is not null);
    }

    private static Planned PlanWithoutProxy(IResource resource, EndpointAnnotation endpoint)
    {
        var wanted = endpoint.Port ?? endpoint.TargetPort;
        var port = wanted ?? LoopbackPorts.TakeFree(FirstFree);
        return new(resource, endpoint, port, [port], Fixed: wanted is not null);
    }

    private static IEnumerable<string> Doubles(IEnumerable<Planned> planned) => planned
        .GroupBy(plan => plan.Port)
        .Where(group => group.Count() > 1)
        .Select(group => $"Port {group.Key} is wanted more than once: {string.Join(", ", group.Select(plan => $"endpoint '{plan.Endpoint.Name}' of resource '{plan.Resource.Name}'"))}.");

    private static string Taken(Planned plan) =>
        $"Port {plan.Port}, for endpoint '{plan.Endpoint.Name}' of resource '{plan.Resource.Name}', is taken{(PortHolder.Find(plan.Port) is { } holder ? $" by {holder}" : "")}. Stop that, or give the endpoint another port.";

    private sealed record Planned(IResource Resource, EndpointAnnotation Endpoint, int Port, IReadOnlyList<int> TargetPorts, bool Fixed);
}
