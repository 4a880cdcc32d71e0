using System.Reflection;

namespace OrderFlow.Hosting.Testing;

/// <summary>
/// Runs an AppHost's own Main on a thread of its own, stopped at the point where it builds the application, so that a test sees
/// exactly what <c>dotnet run</c> would run. Several may run at once: each is known only to its own thread's flow.
/// </summary>
internal sealed class EntryPointRun(Assembly assembly, string[] args)
{
    private static readonly AsyncLocal<EntryPointRun?> Running = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _buildWanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static EntryPointRun? Current => Running.Value;

    public Assembly Assembly => assembly;

    public Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var main = assembly.EntryPoint ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no entry point, so it is no AppHost.");
        new Thread(() => Run(main)) { IsBackground = true, Name = $"{assembly.GetName().Name} entry point" }.Start();
        return _builder.Task.WaitAsync(cancellationToken);
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _buildWanted.TrySetResult();
        return _application.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Called by the AppHost's thread.</summary>
    public void PauseBeforeBuild(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _buildWanted.Task.GetAwaiter().GetResult();
    }

    /// <summary>Called by the AppHost's thread.</summary>
    public void Built(DistributedApplication application) => _application.TrySetResult(application);

    /// <summary>Called by the AppHost's thread in place of running: the test starts and stops the application.</summary>
    public Task EndedAsync(CancellationToken cancellationToken) => _ended.Task.WaitAsync(cancellationToken);

    public void End() => _ended.TrySetResult();

    /// <summary>Lets the AppHost's thread go, built or not, and waits until it is gone.</summary>
    public async Task AbandonAsync()
    {
        _buildWanted.TrySetException(new OperationCanceledException("The testing builder was disposed before the application was built."));
        if (_application.Task.IsCompletedSuccessfully)
        {
            await _application.Task.Result.DisposeAsync();
        }

        End();
        await _left.Task;
    }

    private void Run(MethodInfo main)
    {
        Running.Value = this;
        try
        {
            main.Invoke(null, main.GetParameters().Length == 0 ? null : [args]);
            Fail(new InvalidOperationException($"The entry point of {assembly.GetName().Name} ended without building a distributed application."));
        }
        catch (TargetInvocationException failure)
        {
            Fail(failure.InnerException ?? failure);
        }
        finally
        {
            _left.TrySetResult();
        }
    }

    /// <summary>Whoever still waits for the builder or the application gets the failure.</summary>
    private void Fail(Exception failure)
    {
        _builder.TrySetException(failure);
        _application.TrySetException(failure);
        _ = _application.Task.Exception; // Observed: the test may not have asked for it.
        _ = _builder.Task.Exception;
    }
}
