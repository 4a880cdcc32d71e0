using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Hosting.Running;

namespace OrderFlow.Tests.Hosting;

/// <summary>An application on the local engine, made of shell scripts, in a directory of its own.</summary>
internal sealed class LocalApp : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private DistributedApplication? _app;

    public LocalApp(params string[] settings) => Builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        ProjectDirectory = _directory.FullPath,
        Args = ["--OrderFlow:Console=false", "--OrderFlow:ExecutableStopTimeoutSeconds=1", "--DcpPublisher:RandomizePorts=true", .. settings],
    });

    public IDistributedApplicationBuilder Builder { get; }

    public DistributedApplication App => _app ?? throw new InvalidOperationException("Start the application first.");

    public ResourceNotificationService Notifications => App.ResourceNotifications;

    public string RunId => App.Services.GetRequiredService<Guardian>().RunId;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public string In(params ReadOnlySpan<string> parts) => _directory.In(parts);

    /// <summary>A resource that runs a shell script.</summary>
    public IResourceBuilder<ExecutableResource> AddScript(string name, string script, params string[] args)
    {
        var file = In($"{name}.sh");
        File.WriteAllText(file, $"{script.ReplaceLineEndings("\n")}\n");
        return Builder.AddExecutable(name, "/bin/sh", ".", [file, .. args]);
    }

    public async Task<LocalApp> StartAsync()
    {
        _app = Builder.Build();
        await _app.StartAsync(CancellationToken);
        return this;
    }

    /// <summary>Waits for a state of the resource, and says what it looked like then.</summary>
    public Task<ResourceEvent> StateAsync(string resource, string state) =>
        Notifications.WaitForResourceAsync(resource, e => e.Snapshot.State?.Text == state, CancellationToken).WaitAsync(Patience, CancellationToken);

    /// <summary>Waits until the resource runs, as another process than a former one if that is given.</summary>
    public async Task<int> ProcessIdAsync(string resource, int? otherThan = null)
    {
        var running = await Notifications.WaitForResourceAsync(resource, e => ProcessId(e) is { } id && id != otherThan, CancellationToken).WaitAsync(Patience, CancellationToken);
        return ProcessId(running)!.Value;
    }

    /// <summary>Waits until the resource's log has a line, and returns it.</summary>
    public async Task<string> LineAsync(string resource, Func<string, bool> wanted)
    {
        string? line = null;
        await Wait.UntilAsync(
            () => $"log of '{resource}':\n{string.Join('\n', Lines(resource))}",
            () => (line = Lines(resource).FirstOrDefault(wanted)) is not null,
            Patience);
        return line!;
    }

    public IReadOnlyList<string> Lines(string resource)
    {
        var file = In(".run", "logs", $"{resource}.log");
        return File.Exists(file) ? File.ReadAllLines(file) : [];
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _directory.Dispose();
    }

    private static int? ProcessId(ResourceEvent e) =>
        e.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } id ? Convert.ToInt32(id, CultureInfo.InvariantCulture) : null;
}
