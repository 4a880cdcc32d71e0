using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrderFlow.AppHost.Resources.Ports;

/// <summary>
/// The ports of the system. Those that people type stay where they are, or the start fails and says why. The others move to a free
/// port when their default is taken, and say so. In a test all are free ones.
/// </summary>
internal sealed class PortSettings
{
    /// <summary>Lowest port of the range from which free ones are taken; the engine takes its own from below.</summary>
    private const int FirstFree = 26_000;

    public const string Help = """
        --Ports:Gateway=8080                 orders are posted here
        --Ports:Prometheus=9090
        --Ports:OrderService=8081            /health, /metrics
        --Ports:NotificationService=8082
        --Ports:PaymentService=8083
        --Ports:Monitor=8090                 console, /api: every event, flow and order
        --Ports:RabbitMQ=5672                these ports move to free ones when they are taken,
        --Ports:RabbitMQManagement=15672     unless they are set here
        --Ports:RabbitMQMetrics=15692
        --Ports:RabbitMQDistribution=25682
        --Ports:Epmd=4379
        --Ports:Postgres=5432
        """;

    private readonly ConfigurationManager _configuration;
    private readonly bool _anyWillDo;
    private readonly List<string> _problems = [];
    private readonly List<string> _notes = [];

    public PortSettings(ConfigurationManager configuration, bool anyWillDo)
    {
        _configuration = configuration;
        _anyWillDo = anyWillDo;
        Gateway = Stays("Gateway", 8080);
        OrderService = Stays("OrderService", 8081);
        NotificationService = Stays("NotificationService", 8082);
        PaymentService = Stays("PaymentService", 8083);
        Monitor = Stays("Monitor", 8090);
        Prometheus = Stays("Prometheus", 9090);
        RabbitMQ = Moves("RabbitMQ", 5672);
        RabbitMQManagement = Moves("RabbitMQManagement", 15672);
        RabbitMQMetrics = Moves("RabbitMQMetrics", 15692);
        RabbitMQDistribution = Moves("RabbitMQDistribution", 25682);
        Epmd = Moves("Epmd", 4379);
        Postgres = Moves("Postgres", 5432);
        RefuseDoubles();
    }

    public int Gateway { get; }

    public int OrderService { get; }

    public int NotificationService { get; }

    public int PaymentService { get; }

    public int Monitor { get; }

    public int Prometheus { get; }

    public int RabbitMQ { get; }

    public int RabbitMQManagement { get; }

    public int RabbitMQMetrics { get; }

    /// <summary>Where the broker's tools reach it.</summary>
    public int RabbitMQDistribution { get; }

    /// <summary>The Erlang port mapper of the broker's own.</summary>
    public int Epmd { get; }

    public int Postgres { get; }

    /// <summary>Ports that moved.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Ports that are taken, with who holds each and which setting changes it, and ports that are no ports.</summary>
    public IReadOnlyList<string> Problems => _problems;

    private int Stays(string name, int byDefault)
    {
        if (_anyWillDo)
        {
            return LoopbackPorts.TakeFree(FirstFree);
        }

        var port = Configured(name) ?? byDefault;
        if (!LoopbackPorts.IsFree(port))
        {
            _problems.Add($"Port {port} for {name} is taken{Holder(port)}. Stop that, or choose another port: --Ports:{name}=…");
        }

        return port;
    }

    private int Moves(string name, int byDefault)
    {
        if (_anyWillDo || Configured(name) is not null)
        {
            return Stays(name, byDefault);
        }

        if (LoopbackPorts.IsFree(byDefault))
        {
            return byDefault;
        }

        var port = LoopbackPorts.TakeFree(FirstFree);
        _notes.Add($"Port {byDefault} for {name} is taken{Holder(byDefault)}; using {port}. To choose one: --Ports:{name}=…");
        return port;
    }

    private int? Configured(string name)
    {
        var text = _configuration[$"Ports:{name}"];
        return string.IsNullOrWhiteSpace(text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= ushort.MaxValue ? port
            : Refuse($"Setting Ports:{name} is '{text}'; it must be a port, 1 to {ushort.MaxValue}.");
    }

    private int? Refuse(string problem)
    {
        _problems.Add(problem);
        return null;
    }

    private void RefuseDoubles()
    {
        var doubles = new Dictionary<string, int>
        {
            [nameof(Gateway)] = Gateway,
            [nameof(OrderService)] = OrderService,
            [nameof(NotificationService)] = NotificationService,
            [nameof(PaymentService)] = PaymentService,
            [nameof(Monitor)] = Monitor,
            [nameof(Prometheus)] = Prometheus,
            [nameof(RabbitMQ)] = RabbitMQ,
            [nameof(RabbitMQManagement)] = RabbitMQManagement,
            [nameof(RabbitMQMetrics)] = RabbitMQMetrics,
            [nameof(RabbitMQDistribution)] = RabbitMQDistribution,
            [nameof(Epmd)] = Epmd,
            [nameof(Postgres)] = Postgres,
        }.GroupBy(port => port.Value, port => $"Ports:{port.Key}").Where(group => group.Count() > 1);
        _problems.AddRange(doubles.Select(group => $"Port {group.Key} is wanted by {string.Join(" and ", group)}."));
    }

    private static string Holder(int port) => PortHolder.Find(port) is { } holder ? $" by {holder}" : "";
}
