using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrderFlow.Hosting.ApplicationModel;
using OrderFlow.Hosting.Eventing;
using OrderFlow.Hosting.Running;
using OrderFlow.Hosting.Testing;

namespace OrderFlow.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    /// <summary>Written into the AppHost's assembly by the build.</summary>
    private const string ProjectPathMetadata = "apphostprojectpath";

    private readonly HostApplicationBuilder _host;
    private readonly StartClock _clock = new(TimeProvider.System);
    private readonly EntryPointRun? _testRun = EntryPointRun.Current;

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The local engine needs Linux or macOS. On Windows, build with -p:UseAspire=true.");
        }

        AppHostAssembly = _testRun?.Assembly ?? (options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly());
        AppHostDirectory = options.ProjectDirectory
            ?? AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(metadata => metadata.Key == ProjectPathMetadata)?.Value
            ?? Directory.GetCurrentDirectory();
        _host = new(new HostApplicationBuilderSettings
        {
            Args = options.Args,
            ApplicationName = AppHostAssembly?.GetName().Name,
            ContentRootPath = AppHostDirectory,
            Configuration = Defaults(_testRun is not null),
        });
        _host.Logging.ClearProviders();
        _host.Logging.SetMinimumLevel(LogLevel.Warning);
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        if (AppHostAssembly?.GetName().Name is { } category)
        {
            _host.Logging.AddFilter(category, LogLevel.Information);
        }

        _host.Services.AddHealthChecks();
        _host.Services.AddHttpClient();
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.TryGetByName(resource.Name, out var other))
        {
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}': {other} and {resource}.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _testRun?.PauseBeforeBuild(this);
        AddEngine();
        var application = new DistributedApplication(_host.Build(), _testRun);
        ExecutionContext.ServiceProvider = application.Services;
        _testRun?.Built(application);
        return application;
    }

    /// <summary>What holds unless environment variables or arguments say otherwise.</summary>
    private static ConfigurationManager Defaults(bool testing)
    {
        // A source of its own: what is merely set is lost when the host's builder rearranges the sources.
        var values = new Dictionary<string, string?> { ["hostBuilder:reloadConfigOnChange"] = "false" };
        if (testing)
        {
            values["DcpPublisher:RandomizePorts"] = "true";
            values["environment"] = Environments.Development;
        }

        var defaults = new ConfigurationManager();
        defaults.AddInMemoryCollection(values);
        return defaults;
    }

    private void AddEngine()
    {
        var settings = HostingSettings.From(this, testing: _testRun is not null);
        var services = _host.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_clock);
        services.AddSingleton(settings);
        services.AddSingleton(Eventing);
        services.AddSingleton(ExecutionContext);
        services.AddSingleton(new DistributedApplicationModel(Resources));
        services.AddSingleton(provider => new ResourceNotificationService(provider.GetRequiredService<IHostApplicationLifetime>()));
        services.AddSingleton(provider => new ConsoleReport(
            Console.Out,
            provider.GetRequiredService<TimeProvider>(),
            settings.Console,
            colors: !Console.IsOutputRedirected && System.Environment.GetEnvironmentVariable("NO_COLOR") is null or ""));
        services.AddSingleton<ILoggerProvider, HostLogging>();
        services.AddSingleton<IHostLifetime, NoSignals>();
        services.AddSingleton<Interruption>();
        services.AddSingleton(_ => Guardian.Start());
        services.AddSingleton(provider => new LaunchPlanner(
            ExecutionContext,
            AppHostAssembly ?? typeof(DistributedApplicationBuilder).Assembly,
            Environment.EnvironmentName,
            provider.GetRequiredService<Guardian>().RunId,
            setting => Configuration[setting]));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Engine>(provider, provider) with { Immediately = provider.GetRequiredService<Interruption>().Immediately });
        services.AddSingleton<Orchestrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
    }

    /// <summary>Signals are the application's business, and none of a test's.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
