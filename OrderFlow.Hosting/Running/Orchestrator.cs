using Microsoft.Extensions.Hosting;
using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Starts all resources in the order of their dependencies, and stops them in the opposite one.</summary>
internal sealed class Orchestrator(DistributedApplicationModel model, Engine engine, StartClock clock) : IHostedService, IDisposable
{
    private readonly Dictionary<IResource, RunningResource> _running = [];
    private IReadOnlyList<ReplicaProxy> _proxies = [];

    /// <summary>Completes when every resource was healthy once. Fails when one cannot start.</summary>
    public Task AllReady { get; private set; } = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IResource[] resources = [.. model.Resources.Where(resource => resource is not ParameterResource)];
        DependencyOrder.RefuseCircles(resources);
        _proxies = EndpointAllocation.Allocate(resources, engine.Settings.RandomizePorts);
        foreach (var proxy in _proxies)
        {
            proxy.Start();
        }

        foreach (var resource in resources)
        {
            await engine.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, engine.Services), cancellationToken);
            _running[resource] = new(resource, engine);
        }

        engine.Report.Expect([.. _running.Values.SelectMany(running => running.DisplayNames), .. _running.Keys.Select(resource => resource.Name)]);
        clock.EngineIsReady();
        foreach (var running in _running.Values)
        {
            running.Start(_running.GetValueOrDefault);
        }

        AllReady = WhenAllOrFirstFailure([.. _running.Values.Select(running => running.Ready)]);
        _ = SayWhenReadyAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var group in DependencyOrder.StopOrder(_running.Keys))
        {
            await Task.WhenAll(group.Where(_running.ContainsKey).Select(resource => _running[resource].StopAsync()));
        }

        Dispose();
    }

    public void Dispose()
    {
        foreach (var proxy in _proxies)
        {
            proxy.Dispose();
        }

        foreach (var running in _running.Values)
        {
            running.Dispose();
        }

        _running.Clear();
        engine.Guardian.Dispose();
    }

    private static async Task WhenAllOrFirstFailure(List<Task> tasks)
    {
        while (tasks.Count > 0)
        {
            var done = await Task.WhenAny(tasks);
            tasks.Remove(done);
            await done;
        }
    }

    private async Task SayWhenReadyAsync()
    {
        await AllReady.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (!AllReady.IsCompletedSuccessfully)
        {
            return;
        }

        List<(string Name, string Url)> urls = [];
        foreach (var resource in _running.Keys)
        {
            urls.AddRange((await resource.ShownUrlsAsync(CancellationToken.None)).Select(url => ($"{resource.Name} {url.Endpoint?.EndpointName ?? url.DisplayText}", url.Url)));
        }

        var width = urls.Select(url => url.Name.Length).DefaultIfEmpty(0).Max();
        var table = urls.Select(url => $"  {url.Name.PadRight(width)}  {url.Url}");
        engine.Report.Say($"""

            All healthy in {clock.SinceStart.TotalSeconds:0.0} s ({clock.EngineShare.TotalSeconds:0.00} s of it the engine's own).

            {string.Join(Environment.NewLine, table)}

              logs and data: {engine.Settings.RunDirectory}
              Press Ctrl+C to stop.

            """);
    }
}
