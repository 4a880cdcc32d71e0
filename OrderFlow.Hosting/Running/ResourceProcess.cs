using System.Collections.Immutable;
using System.Security.Cryptography;
using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>One process of a resource: started, started again when it crashes, asked to end when the application ends.</summary>
internal sealed class ResourceProcess(IResource resource, int replica, int replicas, Engine engine, ResourceLog log)
{
    private readonly BackOff _backOff = new(engine.Time);
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What people see: the resource's name, numbered when there are several.</summary>
    public string DisplayName { get; } = replicas == 1 ? resource.Name : $"{resource.Name}/{replica + 1}";

    /// <summary>What programs see; another one in every run.</summary>
    public string Id { get; } = $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz", 8)}";

    public bool IsRunning { get; private set; }

    /// <summary>When the running process became healthy, as a time stamp; null until then.</summary>
    public long? HealthySince { get; set; }

    /// <summary>Completes with the next start or end of the process.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Who listens is meant to stay: its end is a crash, whatever its exit code.</summary>
    private bool IsServer { get; } = resource.Annotations.OfType<EndpointAnnotation>().Any();

    private TimeSpan StopTimeout => resource is ProjectResource ? engine.Settings.ProjectStopTimeout : engine.Settings.ExecutableStopTimeout;

    public void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => engine.Notifications.Publish(resource, Id, change);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var child = await StartAsync(stopping);
            var asked = new TaskCompletionSource();
            await using (stopping.UnsafeRegister(_ => asked.TrySetResult(), null))
            {
                await Task.WhenAny(child.Exited, asked.Task);
            }

            if (stopping.IsCancellationRequested)
            {
                await StopAsync(child);
                return;
            }

            if (!await RestartsAsync(await child.Exited, stopping))
            {
                return;
            }
        }
    }

    private async Task<ChildProcess> StartAsync(CancellationToken stopping)
    {
        Publish(snapshot => snapshot with { State = KnownResourceStates.Starting });
        var plan = await engine.Planner.PlanAsync(resource, replica, Id, stopping);
        HealthySince = null;
        var child = ChildProcess.Start(plan, Output, engine.Guardian.Forget);
        engine.Guardian.Watch(child.Pid);
        Publish(snapshot => Running(snapshot, plan, child.Pid));
        engine.Report.State(DisplayName, $"running (pid {child.Pid})");
        SetRunning(true);
        return child;
    }

    private CustomResourceSnapshot Running(CustomResourceSnapshot snapshot, LaunchPlan plan, int pid) => snapshot with
    {
        State = KnownResourceStates.Running,
        ExitCode = null,
        StartTimeStamp = engine.Time.GetUtcNow().UtcDateTime,
        StopTimeStamp = null,
        Properties =
        [
            new("executable.path", plan.Program),
            new("executable.workDir", plan.WorkingDirectory),
            new("executable.pid", pid),
            .. resource.Annotations.OfType<IProjectMetadata>().Select(project => new ResourcePropertySnapshot("project.path", project.ProjectPath)),
        ],
        EnvironmentVariables = [.. plan.Variables.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, IsFromSpec: true))],
        Urls = [.. resource.Annotations.OfType<EndpointAnnotation>().Select(e => new UrlSnapshot(e.Name, e.AllocatedEndpoint!.UriString, IsInternal: false))],
        HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => new HealthReportSnapshot(check.Key, null, null, null))],
    };

    private void Output(string line)
    {
        log.Write(replicas == 1 ? line : $"[{replica + 1}] {line}");
        if (resource is ProjectResource)
        {
            engine.Report.Output(DisplayName, LogLine.Readable(line));
        }
    }

    /// <returns>True when the process is to start again, after a pause that grows with every crash.</returns>
    private async Task<bool> RestartsAsync(ExitStatus exit, CancellationToken stopping)
    {
        SetRunning(false);
        if (exit.Code == 0 && !IsServer)
        {
            Publish(snapshot => Over(snapshot, KnownResourceStates.Finished, exit.Code));
            engine.Report.State(DisplayName, "finished");
            return false;
        }

        var pause = _backOff.AfterCrash(HealthySince);
        Publish(snapshot => Over(snapshot, KnownResourceStates.Restarting, exit.Code));
        engine.Report.Problem(DisplayName, $"{exit}; starting again in {pause.TotalSeconds:0.#} s");
        ShowLastOutput();
        await Task.Delay(pause, engine.Time, stopping).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return true;
    }

    private async Task StopAsync(ChildProcess child)
    {
        Publish(snapshot => snapshot with { State = KnownResourceStates.Stopping });
        engine.Report.State(DisplayName, "stopping");
        if (StopTimeout > TimeSpan.Zero && !engine.Immediately.IsCancellationRequested)
        {
            child.Terminate();
            await Task.WhenAny(child.Exited, Task.Delay(StopTimeout, engine.Time, engine.Immediately));
        }

        var end = (child.Exited.IsCompleted, StopTimeout > TimeSpan.Zero, engine.Immediately.IsCancellationRequested) switch
        {
            (true, _, _) => "stopped",
            (false, true, false) => $"killed: it had not stopped after {StopTimeout.TotalSeconds:0.#} s",
            _ => "killed",
        };
        child.KillGroup();
        var exit = await child.Exited;
        SetRunning(false);
        Publish(snapshot => Over(snapshot, KnownResourceStates.Exited, exit.Code));
        engine.Report.State(DisplayName, end);
    }

    private void SetRunning(bool running)
    {
        IsRunning = running;
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    /// <summary>A program's output stays in its file until it is needed to understand a failure.</summary>
    private void ShowLastOutput()
    {
        if (resource is ProjectResource)
        {
            return;
        }

        foreach (var line in log.LastLines)
        {
            engine.Report.Output(DisplayName, line);
        }
    }

    private CustomResourceSnapshot Over(CustomResourceSnapshot snapshot, string state, int code) => snapshot with
    {
        State = state,
        ExitCode = code,
        StopTimeStamp = engine.Time.GetUtcNow().UtcDateTime,
        Properties = snapshot.Properties.RemoveAll(property => property.Name == "executable.pid"),
        Urls = ImmutableArray<UrlSnapshot>.Empty,
    };
}
