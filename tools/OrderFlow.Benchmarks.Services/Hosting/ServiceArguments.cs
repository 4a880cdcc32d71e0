using System.Globalization;

namespace OrderFlow.Benchmarks.Services.Hosting;

/// <summary>Which service this process is. The addresses come from the environment, so that no password is in a process list.</summary>
/// <param name="Implementation">Such as <c>bare</c>.</param>
/// <param name="Role">Such as <c>order-service</c>.</param>
/// <param name="Port">Where the Gateway listens on the loopback address.</param>
/// <param name="Broker">The broker's AMQP address.</param>
/// <param name="Postgres">The connection string of the database server, without a database; empty where there is none.</param>
internal sealed record ServiceArguments(string Implementation, string Role, int Port, Uri Broker, string Postgres)
{
    public const string BrokerVariable = "BENCHMARK_BROKER";
    public const string PostgresVariable = "BENCHMARK_POSTGRES";

    /// <param name="args">Implementation, role, port.</param>
    public static ServiceArguments Parse(string[] args) => args is [var implementation, var role, var port]
        ? new(
            implementation, role, int.Parse(port, CultureInfo.InvariantCulture), new Uri(Variable(BrokerVariable)),
            Environment.GetEnvironmentVariable(PostgresVariable) ?? "")
        : throw new ArgumentException("These services are started by OrderFlow.Benchmarks: implementation, role, port.", nameof(args));

    /// <summary>The connection string of a database; every statement is prepared at its first use.</summary>
    public string Database(string name) =>
        $"{Postgres};Database={name};Maximum Pool Size=24;No Reset On Close=true;Max Auto Prepare=50;Auto Prepare Min Usages=1";

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new ArgumentException($"{name} is not set: these services are started by OrderFlow.Benchmarks.", nameof(name));
}
