using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.AppHost.Configuration;

/// <summary>What can be set when the system starts: on the command line, by environment variables, in appsettings.json.</summary>
internal sealed class SystemSettings
{
    /// <summary>What the services ask of their keys.</summary>
    private const int ShortestKey = 16;

    /// <summary>Debian calls it by the first.</summary>
    private static readonly string[] AlertmanagerNames = ["prometheus-alertmanager", "alertmanager"];

    private readonly ConfigurationManager _configuration;
    private readonly List<string> _problems = [];

    public SystemSettings(IDistributedApplicationBuilder builder, IReadOnlyList<string> args)
    {
        _configuration = builder.Configuration;
        _problems.AddRange(UnknownSettings.In(args, Environment.GetEnvironmentVariables().Keys.Cast<string>()));
        IsTest = Boolean("DcpPublisher:RandomizePorts", byDefault: false);
        RunDirectory = new(builder, IsTest);
        Ports = new(_configuration, anyWillDo: IsTest);
        SimulatesWork = Boolean("Simulation:Work", byDefault: !IsTest);
        FailureRate = Share("Simulation:FailureRate");
        DeclineRate = Share("Simulation:DeclineRate");
        SilentRate = Share("Simulation:SilentRate");
        PaymentTimeout = Timeout("Orders:PaymentTimeout");
        PaymentLatency = Latency("Simulation:PaymentLatency");
        RetryTiers = Tiers("Messaging:RetryTiers");
        HasMonitor = Boolean("Observability:Monitor", byDefault: true);
        HasMetrics = Boolean("Observability:Metrics", byDefault: true);
        HasTraces = Boolean("Observability:Traces", byDefault: true);
        TraceRatio = string.IsNullOrWhiteSpace(_configuration["Monitor:TraceRatio"]) ? null : Share("Monitor:TraceRatio");
        Containers = Boolean("Containers", byDefault: null);
        Alerts = new(_configuration);
        _problems.AddRange(Alerts.Problems);
        RequireKey("Parameters:monitor-token");
        RequireKey("Parameters:monitor-ingest-key");
        RequireKey("Parameters:simulation-key");
    }

    /// <summary>True in a test: ports are free ones, data is temporary, no work is simulated unless asked for.</summary>
    public bool IsTest { get; }

    public RunDirectory RunDirectory { get; }

    public PortSettings Ports { get; }

    public bool SimulatesWork { get; }

    /// <summary>Share of notifications that fail, 0 to 1.</summary>
    public double FailureRate { get; }

    /// <summary>Share of payments that are declined, 0 to 1.</summary>
    public double DeclineRate { get; }

    /// <summary>Share of payments that are never answered, 0 to 1.</summary>
    public double SilentRate { get; }

    /// <summary>How long an order waits for the answer about its payment; <see langword="null"/> for the service's own default.</summary>
    public TimeSpan? PaymentTimeout { get; }

    /// <summary>
    /// What every payment takes at the provider; <see langword="null"/> when it is not set: then it follows the simulated work.
    /// </summary>
    public TimeSpan? PaymentLatency { get; }

    /// <summary>Delays of the delayed retries, such as <c>5s,30s,2m</c>; none when empty, the services' own default when absent.</summary>
    public string? RetryTiers { get; }

    /// <summary>Whether the Monitor runs: the console, and the store of every event behind it.</summary>
    public bool HasMonitor { get; }

    /// <summary>Whether the services measure themselves, and Prometheus, which asks for that, runs.</summary>
    public bool HasMetrics { get; }

    /// <summary>Whether the services make spans, and send them and their log lines on.</summary>
    public bool HasTraces { get; }

    /// <summary>
    /// Share of the ordinary traces that the Monitor keeps, 0 to 1; <see langword="null"/> for its own default.
    /// </summary>
    public double? TraceRatio { get; }

    /// <summary>
    /// Whether RabbitMQ and PostgreSQL run in containers: when a container engine answers, unless <c>Containers</c> says so or not.
    /// </summary>
    public bool UsesContainers => Containers ?? ContainerEngine.IsThere;

    /// <summary>
    /// The same of Prometheus, which is a program wherever it is installed: in a container it does not see this machine's loopback address
    /// everywhere.
    /// </summary>
    public bool UsesPrometheusContainer => Containers ?? (Programs.Find(PrometheusProgram) is null && ContainerEngine.IsThere);

    /// <summary>The same of Alertmanager.</summary>
    public bool UsesAlertmanagerContainer => Containers ?? (AlertmanagerProgram is null && ContainerEngine.IsThere);

    /// <summary>Where the RabbitMQ of the distribution is.</summary>
    public string RabbitMQHome => _configuration["Programs:RabbitMQHome"] ?? "/usr/lib/rabbitmq";

    /// <summary>Where the programs of PostgreSQL are; <see langword="null"/> when there are none.</summary>
    public string? PostgresBin =>
        _configuration["Programs:PostgresBin"] is { Length: > 0 } configured ? configured : PostgresPrograms.Find();

    /// <summary>The Prometheus program: a name on the PATH, or a path.</summary>
    public string PrometheusProgram => _configuration["Programs:Prometheus"] ?? "prometheus";

    /// <summary>The Alertmanager program; <see langword="null"/> when it is not installed.</summary>
    public string? AlertmanagerProgram => _configuration["Programs:Alertmanager"] is { Length: > 0 } configured
        ? configured
        : AlertmanagerNames.FirstOrDefault(program => Programs.Find(program) is not null);

    /// <summary>Who is told of alerts.</summary>
    public AlertSettings Alerts { get; }

    private bool? Containers { get; }

    /// <summary>How many processes a service runs as.</summary>
    /// <param name="resource">The service's resource, such as <c>order-service</c>; its setting is <c>Replicas:OrderService</c>.</param>
    public int Replicas(string resource)
    {
        const int most = 32;
        var setting = $"Replicas:{PortSettings.NameOf(resource)}";
        var text = _configuration[setting];
        return string.IsNullOrWhiteSpace(text) ? 1
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas)
                && replicas is >= 1 and <= most ? replicas
            : Refuse(1, $"Setting {setting} is '{text}'; it must be a number from 1 to {most}.");
    }

    /// <summary>Notes that a program is needed.</summary>
    /// <param name="program">A name on the PATH, or a path.</param>
    /// <param name="package">The distribution's package that brings it.</param>
    public void Require(string program, string package)
    {
        if (Programs.Find(program) is null)
        {
            _problems.Add($"There is no {program}. Install it: sudo apt-get install {package}");
        }
    }

    /// <summary>Notes that the setting has a value that it must not have.</summary>
    public void RefuseValue(string setting, string value, string because)
    {
        if (_configuration[setting] == value)
        {
            _problems.Add($"Setting {setting} is '{value}'; {because}. Choose another name.");
        }
    }

    /// <summary>Ends the start, before anything runs, if something is set wrong; otherwise the run directory is this system's.</summary>
    /// <exception cref="DistributedApplicationException">Everything that is wrong, and how to set it right, a line each.</exception>
    public void RefuseProblems()
    {
        string[] problems = [.. _problems, .. Ports.Problems];
        if (problems.Length > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
        }

        RunDirectory.Take();
    }

    private void RequireKey(string setting)
    {
        if (_configuration[setting] is { } key && key.Length < ShortestKey)
        {
            _problems.Add(
                $"Setting {setting} has {key.Length} characters; "
                + $"it must have at least {ShortestKey}. Leave it out, and one is made at every start.");
        }
    }

    private bool Boolean(string setting, bool byDefault) => Boolean(setting, (bool?)byDefault) ?? byDefault;

    private bool? Boolean(string setting, bool? byDefault)
    {
        var text = _configuration[setting];
        return string.IsNullOrWhiteSpace(text) ? byDefault
            : bool.TryParse(text, out var value) ? value
            : Refuse(byDefault, $"Setting {setting} is '{text}'; it must be true or false.");
    }

    private double Share(string setting)
    {
        var text = _configuration[setting];
        return string.IsNullOrWhiteSpace(text) ? 0
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 ? share
            : Refuse(0, $"Setting {setting} is '{text}'; it must be a number from 0 to 1.");
    }

    private TimeSpan? Latency(string setting)
    {
        var text = _configuration[setting]?.Trim();
        return string.IsNullOrEmpty(text) ? null
            : Duration.TryParse(text, out var latency) && latency <= TimeSpan.FromMinutes(1) ? latency
            : Refuse<TimeSpan?>(null, $"Setting {setting} is '{text}'; it must be a time from 0s to 60s, such as 2s or 500ms.");
    }

    private TimeSpan? Timeout(string setting)
    {
        var text = _configuration[setting]?.Trim();
        return string.IsNullOrEmpty(text) ? null
            : Duration.TryParse(text, out var timeout) && timeout >= TimeSpan.FromSeconds(1) && timeout <= TimeSpan.FromDays(30) ? timeout
            : Refuse<TimeSpan?>(null, $"Setting {setting} is '{text}'; it must be a time from 1s to 720h, such as 30s or 15m.");
    }

    private string? Tiers(string setting)
    {
        var text = _configuration[setting]?.Trim();
        return string.IsNullOrEmpty(text) ? text
            : text.Split(',')
                .All(tier =>
                    Duration.TryParse(tier.Trim(), out var delay) && delay > TimeSpan.Zero && delay <= TimeSpan.FromDays(1)) ? text
            : Refuse<string?>(null, $"Setting {setting} is '{text}'; it must be delays of up to 24h, such as 5s,30s,2m.");
    }

    /// <summary>Goes on with a value, so that all problems are found; none of them is forgotten.</summary>
    private T Refuse<T>(T instead, string problem)
    {
        _problems.Add(problem);
        return instead;
    }
}

/// <summary>Puts the settings to work.</summary>
internal static class SystemSettingsSetup
{
    /// <summary>Reads the settings. What is wrong with them is said by <see cref="SystemSettings.RefuseProblems"/>.</summary>
    public static SystemSettings AddSystemSettings(this IDistributedApplicationBuilder builder, IReadOnlyList<string> args)
    {
        var settings = new SystemSettings(builder, args);
        // Made by the services, so that it is disposed with them: after the last process has ended.
        builder.Services.AddSingleton(_ => settings.RunDirectory);
        builder.Eventing.Subscribe<BeforeStartEvent>((start, _) =>
        {
            start.Services.GetRequiredService<RunDirectory>();
            return Task.CompletedTask;
        });
        // The AppHost ends after its resources, not before.
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] ??= "true";
        return settings;
    }
}
