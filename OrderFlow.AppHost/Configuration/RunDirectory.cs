namespace OrderFlow.AppHost.Configuration;

/// <summary>
/// Where everything is that a running system writes: <c>.run</c> beside the solution, or setting <c>OrderFlow:RunDirectory</c>.
/// A test gets a directory of its own, which is gone afterwards.
/// </summary>
internal sealed class RunDirectory : IDisposable
{
    private const string Setting = "OrderFlow:RunDirectory";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly bool _temporary;
    private FileStream? _taken;

    public RunDirectory(IDistributedApplicationBuilder builder, bool isTest)
    {
        var configured = builder.Configuration[Setting];
        _temporary = isTest && string.IsNullOrWhiteSpace(configured);
        FullPath = _temporary
            ? Path.Combine(Path.GetTempPath(), $"orderflow-{Guid.NewGuid():N}")
            : Path.GetFullPath(string.IsNullOrWhiteSpace(configured) ? Path.Combine("..", ".run") : configured, builder.AppHostDirectory);

        // Who started the system with the testing builder asks for it there.
        builder.Configuration[Setting] = FullPath;
    }

    public string FullPath { get; }

    public string In(params ReadOnlySpan<string> parts) => Path.Combine([FullPath, .. parts]);

    /// <summary>A directory that only its owner may read.</summary>
    public string Create(params ReadOnlySpan<string> parts)
    {
        var path = In(parts);
        OwnerOnly.CreateDirectory(path);
        return path;
    }

    /// <summary>Keeps every other system out of the directory: two brokers on the same data would destroy it.</summary>
    /// <exception cref="DistributedApplicationException">Another system runs there.</exception>
    public void Take()
    {
        Create();
        try
        {
            _taken = new(In("lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException held)
        {
            throw new DistributedApplicationException(
                $"Another system runs in {FullPath}. Stop it, or give this one a directory of its own: --{Setting}=…", held);
        }
    }

    public void Dispose()
    {
        _taken?.Dispose();
        if (!_temporary)
        {
            return;
        }

        // The orchestrator may still be ending a server that writes there.
        for (var tries = 100; Directory.Exists(FullPath); tries--)
        {
            try
            {
                Delete();
            }
            catch (IOException) when (tries > 0)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    private void Delete()
    {
        // A server that may not run as root keeps its data elsewhere when it cannot reach this directory, behind a link.
        foreach (var link in Directory.EnumerateDirectories(FullPath, "cluster", SearchOption.AllDirectories))
        {
            if (Directory.ResolveLinkTarget(link, returnFinalTarget: true) is { Exists: true } target)
            {
                Directory.Delete(target.FullName, recursive: true);
            }
        }

        Directory.Delete(FullPath, recursive: true);
    }
}
