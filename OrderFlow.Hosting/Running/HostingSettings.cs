using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrderFlow.Hosting.Running;

/// <summary>Settings of the engine itself, from the AppHost's configuration.</summary>
internal sealed record HostingSettings
{
    public required string RunDirectory { get; init; }

    /// <summary>How long a project may take to stop after SIGTERM: <c>OrderFlow:StopTimeoutSeconds</c>.</summary>
    public TimeSpan ProjectStopTimeout { get; init; }

    /// <summary>The same for programs: <c>OrderFlow:ExecutableStopTimeoutSeconds</c>; 0 kills at once.</summary>
    public TimeSpan ExecutableStopTimeout { get; init; }

    /// <summary>Ports that may have a proxy in front are chosen freely: <c>DcpPublisher:RandomizePorts</c>, as tests set it.</summary>
    public bool RandomizePorts { get; init; }

    /// <summary>Print state changes and output: <c>OrderFlow:Console</c>.</summary>
    public bool Console { get; init; }

    public static HostingSettings From(IDistributedApplicationBuilder builder, bool testing)
    {
        var configuration = builder.Configuration;
        return new()
        {
            RunDirectory = Running.RunDirectory.Of(builder),
            ProjectStopTimeout = Seconds(configuration, "OrderFlow:StopTimeoutSeconds", 10),
            ExecutableStopTimeout = Seconds(configuration, "OrderFlow:ExecutableStopTimeoutSeconds", testing ? 0 : 10),
            RandomizePorts = configuration.GetValue("DcpPublisher:RandomizePorts", defaultValue: false),
            Console = configuration.GetValue("OrderFlow:Console", defaultValue: !testing),
        };
    }

    private static TimeSpan Seconds(ConfigurationManager configuration, string setting, double byDefault)
    {
        var text = configuration[setting];
        if (string.IsNullOrWhiteSpace(text))
        {
            return TimeSpan.FromSeconds(byDefault);
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new DistributedApplicationException($"Setting {setting} is '{text}'; it must be a number of seconds from 0 to 3600.");
    }
}
