using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Who uses whom, from what resources wait for and refer to.</summary>
internal static class DependencyOrder
{
    public static IReadOnlySet<IResource> DependenciesOf(IResource resource) => resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource)
        .Concat(resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(relation => relation.Resource))
        .Where(dependency => !ReferenceEquals(dependency, resource))
        .ToHashSet();

    /// <exception cref="DistributedApplicationException">Resources wait for each other in a circle, so none of them would ever start.</exception>
    public static void RefuseCircles(IEnumerable<IResource> resources)
    {
        HashSet<IResource> settled = [];
        foreach (var resource in resources)
        {
            Follow(resource, []);
        }

        void Follow(IResource resource, IReadOnlyList<IResource> path)
        {
            if (path.Contains(resource))
            {
                var circle = path.SkipWhile(r => !ReferenceEquals(r, resource)).Append(resource).Select(r => $"'{r.Name}'");
                throw new DistributedApplicationException($"Resources wait for each other in a circle: {string.Join(" waits for ", circle)}.");
            }

            if (settled.Contains(resource))
            {
                return;
            }

            foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
            {
                Follow(wait.Resource, [.. path, resource]);
            }

            settled.Add(resource);
        }
    }

    /// <summary>Groups to stop one after the other: a resource stops when all that use it have stopped.</summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> StopOrder(IEnumerable<IResource> resources)
    {
        var left = resources.ToList();
        List<IReadOnlyList<IResource>> order = [];
        while (left.Count > 0)
        {
            var used = left.SelectMany(DependenciesOf).ToHashSet();
            IResource[] next = [.. left.Where(resource => !used.Contains(resource))];

            // References, unlike waits, may go in a circle: then there is no right order.
            next = next.Length > 0 ? next : [.. left];
            order.Add(next);
            left.RemoveAll(next.Contains);
        }

        return order;
    }
}
