using System.Globalization;
using Microsoft.Extensions.Configuration;
using OrderFlow.AppHost.Resources.Ports;

namespace OrderFlow.AppHost.Resources;

/// <summary>What can be set when the system starts: on the command line, by environment variables, in appsettings.json.</summary>
internal sealed class Settings
{
    private readonly ConfigurationManager _configuration;
    private readonly List<string> _problems = [];

    private Settings(IDistributedApplicationBuilder builder)
    {
        _configuration = builder.Configuration;
        IsTest = Boolean("DcpPublisher:RandomizePorts", byDefault: false);
        RunDirectory = new(builder, IsTest);
        Ports = new(_configuration, IsTest);
        SimulatesWork = Boolean("Simulation:Work", byDefault: !IsTest);
        FailureRate = Share("Simulation:FailureRate");
        DeclineRate = Share("Simulation:DeclineRate");
        PaymentLatency = Latency("Simulation:PaymentLatency");
    }

    /// <summary>True in a test: ports are free ones, data is temporary, no work is simulated unless asked for.</summary>
    public bool IsTest { get; }

    public RunDirectory RunDirectory { get; }

    public PortSettings Ports { get; }

    public bool SimulatesWork { get; }

    /// <summary>Share of notifications that fail, 0 to 1.</summary>
    public double FailureRate { get; }

    /// <summary>Delays of the delayed retries, such as <c>5s,30s,2m</c>; the services' own default when absent.</summary>
    public string? RetryTiers => _configuration["Messaging:RetryTiers"];

    /// <summary>Share of payments that are declined, 0 to 1.</summary>
    public double DeclineRate { get; }

    /// <summary>What every payment takes at the provider; <see langword="null"/> when nobody says so, and then it is as simulated work is.</summary>
    public TimeSpan? PaymentLatency { get; }

    /// <summary>Where the RabbitMQ of the distribution is.</summary>
    public string RabbitMQHome => _configuration["Programs:RabbitMQHome"] ?? "/usr/lib/rabbitmq";

    /// <summary>Where the programs of PostgreSQL are; <see langword="null"/> when there are none.</summary>
    public string? PostgresBin => _configuration["Programs:PostgresBin"] is { Length: > 0 } configured ? configured : Postgres.PostgresPrograms.Find();

    /// <summary>The Prometheus program: a name on the PATH, or a path.</summary>
    public string PrometheusProgram => _configuration["Programs:Prometheus"] ?? "prometheus";

    /// <exception cref="DistributedApplicationException">Something is set wrong: everything that is, and how to set it right.</exception>
    public void RefuseProblems()
    {
        string[] problems = [.. _problems, .. Ports.Problems];
        if (problems.Length > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
        }
    }

    public static Settings Of(IDistributedApplicationBuilder builder) => new(builder);

    /// <summary>How many processes a service runs as.</summary>
    public int Replicas(string service)
    {
        const int most = 32;
        var setting = $"Replicas:{service}";
        var text = _configuration[setting];
        return string.IsNullOrWhiteSpace(text) ? 1
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) && replicas is >= 1 and <= most ? replicas
            : Refuse(1, $"Setting {setting} is '{text}'; it must be a number from 1 to {most}.");
    }

    /// <returns>True when help was asked for, and printed.</returns>
    public static bool PrintHelp(string[] args)
    {
        if (!args.Any(arg => arg is "--help" or "-h" or "-?"))
        {
            return false;
        }

        Console.WriteLine($"""
            OrderFlow: starts RabbitMQ, PostgreSQL, Prometheus and the services, and stops them with Ctrl+C.

            usage: dotnet run --project OrderFlow.AppHost -- [--Setting=value …]

              {PortSettings.Help.ReplaceLineEndings($"{Environment.NewLine}  ")}

              --Replicas:Gateway=1                 processes of a service, behind one port;
              --Replicas:OrderService=1            each is scraped by Prometheus
              --Replicas:PaymentService=1
              --Replicas:NotificationService=1
              --Replicas:Monitor=1

              --Simulation:Work=true               services take the time that real work would take
              --Simulation:FailureRate=0           share of notifications that fail, 0 to 1
              --Simulation:DeclineRate=0           share of payments that are declined, 0 to 1
              --Simulation:PaymentLatency=2s       every payment takes that long: up to 60s, or in ms

              --OrderFlow:RunDirectory=.run        logs, data, generated password, connection.json
              --OrderFlow:StopTimeoutSeconds=10    after Ctrl+C, before a service is killed
              --OrderFlow:ExecutableStopTimeoutSeconds=10    the same for RabbitMQ, PostgreSQL and Prometheus
              --Parameters:messaging-password=…    instead of a generated one (it shows in the process list)
              --Parameters:postgres-password=…     the same; only for a data directory that is new
              --Parameters:monitor-token=…         what the Monitor asks for; another one with every start
              --Parameters:monitor-ingest-key=…    what services send spans to the Monitor with; the same
              --Programs:RabbitMQHome=/usr/lib/rabbitmq
              --Programs:Prometheus=prometheus
              --Programs:PostgresBin=…             where initdb and postgres are; found by itself under
                                                   /usr/lib/postgresql

            Every setting may also be an environment variable: Ports__Gateway=8080.
            """);
        return true;
    }

    private bool Boolean(string setting, bool byDefault)
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
        const double longestMs = 60_000;
        var text = _configuration[setting]?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var (digits, unitMs) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1)
            : text.EndsWith('s') ? (text[..^1], 1000)
            : ("", 0);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unitMs <= longestMs
            ? TimeSpan.FromMilliseconds(number * unitMs)
            : Refuse<TimeSpan?>(null, $"Setting {setting} is '{text}'; it must be a time from 0s to 60s, such as 2s or 500ms.");
    }

    /// <summary>Goes on with a value, so that all problems are found; none of them is forgotten.</summary>
    private T Refuse<T>(T instead, string problem)
    {
        _problems.Add(problem);
        return instead;
    }
}
