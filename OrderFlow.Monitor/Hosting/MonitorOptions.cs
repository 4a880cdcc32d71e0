using System.ComponentModel.DataAnnotations;
using OrderFlow.Contracts;

namespace OrderFlow.Monitor.Hosting;

/// <summary>What the Monitor keeps and watches; configuration section <c>Monitor</c>, validated at start.</summary>
internal sealed class MonitorOptions
{
    public const string Section = "Monitor";

    /// <summary>How long events, flows, spans and logs are kept; whole days are dropped at once. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a flow may take from its origin to its end. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "30.00:00:00")]
    public TimeSpan FlowDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often open flows are counted and checked for a missed deadline. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan WatchPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often events are stored while many come; few are stored at once. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StorePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often partitions are made ahead and old ones dropped. Default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan RetentionPeriod { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The time that the dashboard's percentiles, rates and throughput are of. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan DashboardWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The services whose retry and dead-letter queues are counted. Default: every service that handles events.</summary>
    public IReadOnlyList<string> Services { get; set; } =
        [ServiceNames.OrderService, ServiceNames.PaymentService, ServiceNames.NotificationService];

    /// <summary>
    /// What pages and API ask for, at least 16 characters. Default: one is made for this run, and the log says the address to log in with;
    /// several replicas need the same one.
    /// </summary>
    [MinLength(16)]
    public string? Token { get; set; }

    /// <summary>What services send spans and log lines with, at least 16 characters. Default: none, and none are taken.</summary>
    [MinLength(16)]
    public string? IngestKey { get; set; }

    /// <summary>How many spans and log lines may wait to be looked at; senders get an error when it is full. Default 50,000.</summary>
    [Range(1, 10_000_000)]
    public int TelemetryBuffer { get; set; } = 50_000;

    /// <summary>
    /// Share of the traces that are kept of those that neither failed nor were slow, 0 to 1. Default 0.1. It is of what services send,
    /// which is all of them where their <c>Telemetry:TraceRatio</c> is 1.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 0.1;

    /// <summary>
    /// How many traces a second are kept whatever the ratio says, so that at low rates none is missed. Default 1, at most 5 at once.
    /// </summary>
    [Range(0.0, 100_000.0)]
    public double TracesPerSecond { get; set; } = 1;

    /// <summary>A trace that takes as long, from its first span to its last, is kept. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SlowTrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many slow traces a second are kept for that, the slowest first; those beyond are kept as the ratio says: when all are slow, the
    /// machine is full, and a thousand alike say no more than fifty. What failed is always kept. Default 50, at most 250 at once.
    /// </summary>
    [Range(0.0, 100_000.0)]
    public double SlowTracesPerSecond { get; set; } = 50;

    /// <summary>
    /// How long nothing may come of a trace until it is decided whether it is kept; services send every second. Default 3 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan TraceQuiet { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How many spans may wait for that; of more, the traces that were quiet for longest are decided early. Default 150,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int TraceBuffer { get; set; } = 150_000;

    /// <summary>How many bytes those spans may have. Default 67,108,864 (64 MiB).</summary>
    [Range(1L, 1L << 40)]
    public long TraceBufferBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Names of payload, header and attribute fields whose values nobody is shown, separated by commas. Default <c>email</c>.
    /// </summary>
    public string MaskedFields { get; set; } = "email";

    /// <summary>
    /// Where discarded dead letters are written, a file for each service. Default: <c>discarded</c>, below the working directory.
    /// </summary>
    [Required]
    public string DiscardDirectory { get; set; } = "discarded";

    /// <summary>
    /// The Prometheus that knows what every service has handled, such as <c>http://localhost:9090</c>. Default: none; then published and
    /// handled are not reconciled.
    /// </summary>
    public string? PrometheusUrl { get; set; }

    /// <summary>
    /// The Alertmanager that tells of alerts here, such as <c>http://localhost:9093</c>. Default: none; then nobody is told of any.
    /// </summary>
    public string? AlertmanagerUrl { get; set; }

    /// <summary>
    /// How long nothing may change until the system counts as idle; longer than a scrape and the services' counters are old. Default 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ReconciliationRest { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where orders are placed, for the pages to say so. Default <c>http://localhost:8080</c>.</summary>
    public string GatewayUrl { get; set; } = "http://localhost:8080";
}
