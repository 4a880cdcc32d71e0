using System.Globalization;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace OrderFlow.AppHost.Configuration;

/// <summary>
/// The ports of the system; <see langword="null"/> is one that Aspire chooses. Those that people type stay where they are, or the start
/// fails and says why. The others go to a free port when their default is taken, and the start says so. In a test Aspire chooses all of
/// them.
/// </summary>
internal sealed class PortSettings
{
    private readonly ConfigurationManager _configuration;
    private readonly bool _anyWillDo;
    private readonly HashSet<int> _taken;
    private readonly Dictionary<string, int?> _ports = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly List<string> _notes = [];

    public PortSettings(ConfigurationManager configuration, bool anyWillDo)
    {
        _configuration = configuration;
        _anyWillDo = anyWillDo;
        _taken = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port)];
        Stays("Gateway", 8080);
        Stays("OrderService", 8081);
        Stays("NotificationService", 8082);
        Stays("PaymentService", 8083);
        Stays("Monitor", 8090);
        Stays("Prometheus", 9090);
        Stays("Dashboard", 18888);
        Moves("RabbitMQ", 5672);
        Moves("RabbitMQManagement", 15672);
        Moves("RabbitMQMetrics", 15692);
        Moves("RabbitMQDistribution", 25682);
        Moves("Epmd", 4379);
        Moves("Postgres", 5432);
        Moves("Alertmanager", 9093);
        Moves("Grafana", 3000);
        RefuseDoubles();
    }

    /// <summary>Ports that moved.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Ports that are taken, with the setting that changes each, and ports that are no ports.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public int? Dashboard => _ports["Dashboard"];

    public int? Prometheus => _ports["Prometheus"];

    public int? Grafana => _ports["Grafana"];

    public int? Alertmanager => _ports["Alertmanager"];

    public int? RabbitMQ => _ports["RabbitMQ"];

    public int? RabbitMQManagement => _ports["RabbitMQManagement"];

    public int? RabbitMQMetrics => _ports["RabbitMQMetrics"];

    /// <summary>Where the broker's tools reach it.</summary>
    public int? RabbitMQDistribution => _ports["RabbitMQDistribution"];

    /// <summary>The Erlang port mapper of the broker's own.</summary>
    public int? Epmd => _ports["Epmd"];

    public int? Postgres => _ports["Postgres"];

    /// <summary>The port of a service's resource, such as <c>order-service</c>.</summary>
    public int? Of(string resource) => _ports[NameOf(resource)];

    /// <summary><c>OrderService</c> of <c>order-service</c>: how the settings call it.</summary>
    public static string NameOf(string resource) =>
        string.Concat(resource.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private void Stays(string name, int byDefault)
    {
        var port = Configured(name) ?? (_anyWillDo ? null : byDefault);
        if (port is { } wanted && _taken.Contains(wanted))
        {
            _problems.Add(
                $"Port {wanted} for {name} is taken. "
                + $"Stop what listens there (ss -ltnp 'sport = :{wanted}' shows it), or choose another port: --Ports:{name}=…");
        }

        _ports[name] = port;
    }

    private void Moves(string name, int byDefault)
    {
        if (_anyWillDo || Configured(name) is not null || !_taken.Contains(byDefault))
        {
            Stays(name, byDefault);
            return;
        }

        _ports[name] = null;
        _notes.Add($"Port {byDefault} for {name} is taken; a free one is used instead. To choose one: --Ports:{name}=…");
    }

    private int? Configured(string name)
    {
        var text = _configuration[$"Ports:{name}"];
        return string.IsNullOrWhiteSpace(text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && port is >= 1 and <= ushort.MaxValue ? port
            : Refuse($"Setting Ports:{name} is '{text}'; it must be a port, 1 to {ushort.MaxValue}.");
    }

    private int? Refuse(string problem)
    {
        if (!_problems.Contains(problem, StringComparer.Ordinal))
        {
            _problems.Add(problem);
        }

        return null;
    }

    private void RefuseDoubles() => _problems.AddRange(_ports
        .Where(port => port.Value is not null)
        .GroupBy(port => port.Value, port => $"Ports:{port.Key}")
        .Where(group => group.Count() > 1)
        .Select(group => $"Port {group.Key} is wanted by {string.Join(" and ", group)}."));
}
