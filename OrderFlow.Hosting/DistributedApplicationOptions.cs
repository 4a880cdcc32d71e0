namespace OrderFlow.Hosting;

/// <summary>How to create a <see cref="DistributedApplication"/>.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>Command line arguments, read as configuration (<c>--Ports:Gateway=9000</c>).</summary>
    public string[]? Args { get; set; }

    /// <summary>Name of the assembly that describes the application; the entry assembly by default.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Directory of the AppHost project; by default what the build wrote into the assembly.</summary>
    public string? ProjectDirectory { get; set; }
}
