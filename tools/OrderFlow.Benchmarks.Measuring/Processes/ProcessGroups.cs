namespace OrderFlow.Benchmarks.Measuring.Processes;

/// <summary>What the processes of a comparison are summed up by.</summary>
public static class ProcessGroups
{
    /// <summary>Gateway, OrderService, PaymentService, NotificationService.</summary>
    public const string Services = "services";

    /// <summary>RabbitMQ, with what it starts beside its node.</summary>
    public const string Broker = "broker";

    /// <summary>PostgreSQL, with all of its sessions.</summary>
    public const string Postgres = "postgres";

    /// <summary>OrderFlow's Monitor.</summary>
    public const string Monitor = "monitor";

    /// <summary>Prometheus, the AppHost, Aspire's orchestrator and its dashboard.</summary>
    public const string Host = "host";

    /// <summary>What offers the orders and what measures.</summary>
    public const string Load = "load";

    public static IReadOnlyList<string> All { get; } = [Services, Broker, Postgres, Monitor, Host, Load];
}
