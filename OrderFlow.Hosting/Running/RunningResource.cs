using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>A resource from its first wait to its end: its processes, their log and their health.</summary>
internal sealed class RunningResource : IDisposable
{
    private readonly Engine _engine;
    private readonly ResourceLog _log;
    private readonly IReadOnlyList<ResourceProcess> _processes;
    private readonly HealthMonitor _health;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;

    public RunningResource(IResource resource, Engine engine)
    {
        Resource = resource;
        _engine = engine;
        _log = new(Path.Combine(engine.Settings.RunDirectory, "logs"), resource.Name);
        var replicas = EndpointAllocation.ReplicasOf(resource);
        _processes = [.. Enumerable.Range(0, replicas).Select(replica => new ResourceProcess(resource, replica, replicas, engine, _log))];
        _health = new(resource, _processes, engine, BecameReady);
    }

    public IResource Resource { get; }

    public IEnumerable<string> DisplayNames => _processes.Select(process => process.DisplayName);

    /// <summary>Completes when the resource is healthy for the first time, and everybody who wanted to know has been told. Fails when it cannot start.</summary>
    public Task Ready => _ready.Task;

    public void Start(Func<IResource, RunningResource?> find) => _run = RunAsync(find);

    /// <summary>Asks every process to end, and kills what does not in time.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _ready.TrySetCanceled();
    }

    public void Dispose()
    {
        _log.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(Func<IResource, RunningResource?> find)
    {
        var stopping = _stopping.Token;
        try
        {
            await WaitForDependenciesAsync(find, stopping);
            await _engine.Eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, _engine.Services), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            PublishState(KnownResourceStates.Exited);
            return;
        }
        catch (Exception failure)
        {
            Fail(failure);
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var watching = _health.RunAsync(ended.Token);
        try
        {
            await Task.WhenAll(_processes.Select(process => process.RunAsync(stopping)));
        }
        catch (Exception failure)
        {
            Fail(failure);
        }

        await ended.CancelAsync();
        await watching;
    }

    private async Task WaitForDependenciesAsync(Func<IResource, RunningResource?> find, CancellationToken stopping)
    {
        var waits = Resource.Annotations.OfType<WaitAnnotation>().ToArray();
        if (waits.Length == 0)
        {
            return;
        }

        PublishState(KnownResourceStates.Waiting);
        _engine.Report.State(Resource.Name, $"waiting for {string.Join(", ", waits.Select(wait => wait.Resource.Name).Distinct(StringComparer.Ordinal))}");
        await Task.WhenAll(waits.Select(wait => WaitAsync(wait, find(wait.Resource), stopping)));
    }

    private async Task WaitAsync(WaitAnnotation wait, RunningResource? dependency, CancellationToken stopping)
    {
        if (dependency is null)
        {
            // A parameter: there from the start.
            return;
        }

        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            var end = await _engine.Notifications.WaitForResourceAsync(wait.Resource.Name, e => KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text), stopping);
            if (end.Snapshot.State?.Text == KnownResourceStates.FailedToStart || end.Snapshot.ExitCode != wait.ExitCode)
            {
                throw new DistributedApplicationException($"it waits for '{wait.Resource.Name}' to end with code {wait.ExitCode}, but that is {end.Snapshot.State?.Text} with code {end.Snapshot.ExitCode}.");
            }

            return;
        }

        try
        {
            await dependency.Ready.WaitAsync(stopping);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (wait.WaitBehavior == WaitBehavior.WaitOnResourceUnavailable)
            {
                await Task.Delay(Timeout.Infinite, stopping);
            }

            throw new DistributedApplicationException($"it needs '{wait.Resource.Name}', which could not start.", failure);
        }
    }

    private async Task BecameReady(CancellationToken stopping)
    {
        await _engine.Eventing.PublishAsync(new ResourceReadyEvent(Resource, _engine.Services), stopping);
        _ready.TrySetResult();
    }

    private void Fail(Exception failure)
    {
        var message = failure is DistributedApplicationException ? failure.Message : failure.ToString();
        _log.Write(message);
        _engine.Report.Problem(Resource.Name, $"could not start: {message}");
        PublishState(KnownResourceStates.FailedToStart);
        _ready.TrySetException(new DistributedApplicationException($"Resource '{Resource.Name}' could not start: {message}", failure));
        _ = _ready.Task.Exception; // Observed: not everybody waits for it.
    }

    private void PublishState(string state)
    {
        foreach (var process in _processes)
        {
            process.Publish(snapshot => snapshot with { State = state });
        }
    }
}
