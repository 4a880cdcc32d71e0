using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Hosting.ApplicationModel;
using OrderFlow.Hosting.Eventing;
using OrderFlow.Hosting.Running;
using OrderFlow.Hosting.Testing;

namespace OrderFlow.Hosting;

/// <summary>A distributed application: started, watched and stopped as a whole.</summary>
public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly EntryPointRun? _testRun;
    private bool _started;
    private bool _disposed;

    internal DistributedApplication(IHost host, EntryPointRun? testRun)
    {
        _host = host;
        _testRun = testRun;
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>The states of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Runs the application until Ctrl-C or a signal ends it. What keeps it from starting is printed, and makes the exit code 1.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Run" />
    public Task RunAsync(CancellationToken cancellationToken = default) => _testRun is null
        ? RunUntilEndedAsync(cancellationToken)
        : _testRun.EndedAsync(cancellationToken); // The test starts and stops the application itself.

    /// <summary>Starts the application. It does not wait for resources to be healthy.</summary>
    /// <exception cref="DistributedApplicationException">A port is taken, a program is missing, resources wait for each other …</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var model = Services.GetRequiredService<DistributedApplicationModel>();
        await Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(new BeforeStartEvent(Services, model), cancellationToken);
        _started = true;
        await _host.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_started)
        {
            _started = false;
            await _host.StopAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            await StopAsync();
        }
        finally
        {
            await ((IAsyncDisposable)_host).DisposeAsync();
            _testRun?.End();
        }
    }

    private async Task RunUntilEndedAsync(CancellationToken cancellationToken)
    {
        var report = Services.GetRequiredService<ConsoleReport>();
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        var interruption = Services.GetRequiredService<Interruption>();
        using var signals = new ShutdownSignals(
            gracefully: () =>
            {
                report.Say("Stopping. Ctrl+C again stops at once.");
                lifetime.StopApplication();
            },
            immediately: interruption.Now);
        using var parent = new ParentWatch(() =>
        {
            interruption.Now();
            lifetime.StopApplication();
        });
        await using var self = this;
        try
        {
            await StartAsync(cancellationToken);
            await EndAsync(lifetime, cancellationToken);
        }
        catch (DistributedApplicationException failure)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            Environment.ExitCode = 1;
        }
    }

    /// <summary>Waits for the wish to stop, or for a resource that cannot start.</summary>
    private async Task EndAsync(IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource();
        await using var stop = lifetime.ApplicationStopping.UnsafeRegister(_ => stopping.TrySetResult(), null);
        await using var cancel = cancellationToken.UnsafeRegister(_ => stopping.TrySetResult(), null);
        var allReady = Services.GetRequiredService<Orchestrator>().AllReady;
        await Task.WhenAny(allReady, stopping.Task);
        if (allReady.IsFaulted && !stopping.Task.IsCompleted)
        {
            await allReady;
        }

        await stopping.Task;
    }
}
