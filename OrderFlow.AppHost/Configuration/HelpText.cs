using System.Text.RegularExpressions;

namespace OrderFlow.AppHost.Configuration;

/// <summary>What <c>--help</c> prints, and with it the list of all settings.</summary>
internal static partial class HelpText
{
    private const string Text = """
        OrderFlow: starts RabbitMQ, PostgreSQL, Prometheus, the services and the Aspire dashboard, and stops them with Ctrl+C.

        usage: dotnet run --project OrderFlow.AppHost -- [--Setting=value …]

          --Ports:Gateway=8080                 orders are posted here
          --Ports:Dashboard=18888              the Aspire dashboard
          --Ports:Monitor=8090                 console, /api: every event, flow and order
          --Ports:Prometheus=9090
          --Ports:OrderService=8081            /health, /metrics
          --Ports:NotificationService=8082
          --Ports:PaymentService=8083
          --Ports:RabbitMQ=5672                these ports move to free ones when they are taken,
          --Ports:RabbitMQManagement=15672     unless they are set here
          --Ports:RabbitMQMetrics=15692
          --Ports:RabbitMQDistribution=25682
          --Ports:Epmd=4379
          --Ports:Alertmanager=9093
          --Ports:Grafana=3000                 where Docker or Podman answers
          --Ports:Postgres=5432

          --Replicas:Gateway=1                 processes of a service, behind one port;
          --Replicas:OrderService=1            each is scraped by Prometheus
          --Replicas:PaymentService=1
          --Replicas:NotificationService=1
          --Replicas:Monitor=1

          --Simulation:Work=true               services take the time that real work would take
          --Simulation:FailureRate=0           share of notifications that fail, 0 to 1
          --Simulation:DeclineRate=0           share of payments that are declined, 0 to 1
          --Simulation:SilentRate=0            share of payments that are never answered, 0 to 1
          --Simulation:PaymentLatency=2s       every payment takes that long: up to 60s, or in ms
          --Orders:PaymentTimeout=15m          an order without an answer about its payment is rejected
                                               after that: 1s to 720h
          --Messaging:RetryTiers=5s,30s,2m     delays of the delayed retries; empty: none
          --Monitor:TraceRatio=0.1             share of the traces that the Monitor keeps of those that
                                               neither failed nor were slow, 0 to 1

          --Observability:Monitor=true         false: without the console and its store
          --Observability:Metrics=true         false: services without metrics, and no Prometheus
          --Observability:Traces=true          false: no spans, and no log lines to dashboard and console

          --Alerts:EmailTo=…                   who gets an e-mail of alerts, separated by commas
          --Alerts:EmailFrom=orderflow@localhost
          --Alerts:SmtpServer=localhost:25
          --Alerts:SmtpTls=true                false: the mail server need not offer TLS
          --Alerts:SmtpUser=…
          --Alerts:SmtpPassword=…
          --Alerts:WebhookUrl=…                gets Alertmanager's JSON
          --Alerts:SlackUrl=…                  the address of an incoming webhook, as with the next two
          --Alerts:WeComUrl=…
          --Alerts:DingTalkUrl=…
          --Alerts:DingTalkSecret=…            what its requests are signed with

          --OrderFlow:RunDirectory=.run        logs, data, generated passwords, connection.json
          --Containers=true                    RabbitMQ, PostgreSQL and Prometheus in containers, or not;
                                               unset: in containers when Docker or Podman answers,
                                               Prometheus only where it is not installed
          --Programs:RabbitMQHome=/usr/lib/rabbitmq
          --Programs:Prometheus=prometheus
          --Programs:Alertmanager=…            prometheus-alertmanager or alertmanager; without it
                                               nobody is told of alerts
          --Programs:PostgresBin=…             where initdb and postgres are; found by itself under
                                               /usr/lib/postgresql
          --Parameters:messaging-password=…    instead of a generated one (it shows in the process list)
          --Parameters:postgres-password=…     the same; only for a data directory that is new
          --Parameters:messaging-user=orderflow
          --Parameters:postgres-user=orderflow
          --Parameters:messaging-gateway-password=…
          --Parameters:messaging-order-service-password=…
          --Parameters:messaging-payment-service-password=…
          --Parameters:messaging-notification-service-password=…
          --Parameters:messaging-monitor-password=…
          --Parameters:postgres-order-service-password=…
          --Parameters:postgres-payment-service-password=…
          --Parameters:postgres-notification-service-password=…
          --Parameters:postgres-monitor-password=…
                                               of the services' own users of broker and databases
          --Parameters:monitor-token=…         what the console asks for; another one with every start
          --Parameters:monitor-ingest-key=…    what services send spans to the Monitor with; the same
          --Parameters:simulation-key=…        what the dashboard's buttons show the services; the same

        Every setting may also be an environment variable: Ports__Gateway=8080.
        """;

    /// <summary>Every setting's name, such as <c>Ports:Gateway</c>.</summary>
    public static IReadOnlyList<string> Settings { get; } = [.. SettingName().Matches(Text).Select(match => match.Groups["name"].Value)];

    /// <returns>True when help was asked for, and printed.</returns>
    public static bool PrintIfAsked(string[] args)
    {
        var asked = args.Any(arg => arg is "--help" or "-h" or "-?");
        if (asked)
        {
            Console.WriteLine(Text);
        }

        return asked;
    }

    [GeneratedRegex(@"^ +--(?<name>[\w:-]+)=", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SettingName();
}
