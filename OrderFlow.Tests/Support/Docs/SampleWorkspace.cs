using System.Diagnostics;
using System.Reflection;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Support.Docs;

/// <summary>
/// A directory with what a page shows, beside copies of the projects that it changes. All other projects are the repository's, as they are
/// built: a build in here does not build them.
/// </summary>
internal sealed class SampleWorkspace : IDisposable
{
    private static readonly string[] Settings = ["Directory.Build.props", "Directory.Packages.props", ".editorconfig", "global.json"];

    private readonly TemporaryDirectory _directory = new();

    public SampleWorkspace()
    {
        foreach (var setting in Settings)
        {
            Copy(setting);
        }
    }

    /// <summary>Debug or Release, as the tests themselves.</summary>
    private static string Configuration { get; } =
        typeof(SampleWorkspace).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    /// <param name="path">A file of the repository, or a folder, which is copied without what a build has made.</param>
    public void Copy(string path)
    {
        var source = Repository.File(path);
        var files = Directory.Exists(source) ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories) : [source];
        foreach (var file in files)
        {
            var relative = Path.Combine(path, Path.GetRelativePath(source, file)).TrimEnd('.', '/');
            if (!relative.Split('/').Intersect(["bin", "obj", ".run"], StringComparer.Ordinal).Any())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(In(relative))!);
                File.Copy(file, In(relative));
            }
        }
    }

    /// <summary>Writes what the page shows.</summary>
    public void Write(IEnumerable<FileBlock> blocks)
    {
        foreach (var block in blocks)
        {
            var path = In(block.File);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, block.IsChange ? block.ApplyTo(File.ReadAllText(path)) : block.Content);
        }

        // A project that is not here is the repository's.
        foreach (var project in Directory.EnumerateFiles(_directory.FullPath, "*.csproj", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(project).Split("Include=\"..\\");
            File.WriteAllText(project, string.Join("Include=\"", text.Take(1).Concat(text.Skip(1).Select(rest =>
            {
                var name = rest[..rest.IndexOf('"', StringComparison.Ordinal)].Replace('\\', '/');
                return (File.Exists(In(name)) ? In(name) : Repository.File(name)) + rest[name.Length..];
            }))));
        }
    }

    /// <param name="project">The project's folder.</param>
    /// <param name="properties">Arguments for MSBuild, such as <c>-p:RunAnalyzers=false</c>.</param>
    /// <returns>The directory that the build wrote to.</returns>
    public async Task<string> BuildAsync(string project, params string[] properties)
    {
        string[] ofOthersNothing = ["-p:BuildProjectReferences=false", "-p:RestoreRecursive=false"];
        string[] quietly = ["--nologo", "-v", "quiet", "-clp:NoSummary", "--disable-build-servers"];
        await RunAsync("dotnet", ["build", In(project), "-c", Configuration, .. quietly, .. ofOthersNothing, .. properties]);
        return In(project, "bin", Configuration, "net10.0");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it said.</returns>
    /// <exception cref="InvalidOperationException">Its exit code is not 0.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken);
            var said = await output + await errors;
            await process.WaitForExitAsync(CancellationToken);
            return process.ExitCode == 0
                ? said
                : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{said}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public string In(params ReadOnlySpan<string> parts) => _directory.In(parts);

    public void Dispose() => _directory.Dispose();
}
