namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>What a comparison needs of the machine.</summary>
internal static class Prerequisites
{
    private const string Broker = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <exception cref="ComparisonException">Something is missing; the message says how to install it.</exception>
    public static void Check(bool postgres, bool prometheus)
    {
        string[] missing =
        [
            .. File.Exists(Broker) ? [] : (string[])[$"RabbitMQ ({Broker}): sudo apt-get install rabbitmq-server"],
            .. !postgres || HasPostgres() ? [] : (string[])["PostgreSQL (initdb): sudo apt-get install postgresql"],
            .. !prometheus || IsOnPath("prometheus") ? [] : (string[])["Prometheus: sudo apt-get install prometheus"],
        ];
        if (missing.Length > 0)
        {
            throw new ComparisonException($"The comparison needs programs that are not installed.\n  {string.Join("\n  ", missing)}");
        }
    }

    private static bool HasPostgres() => IsOnPath("initdb")
        || (Directory.Exists("/usr/lib/postgresql")
            && Directory.EnumerateDirectories("/usr/lib/postgresql").Any(version => File.Exists(Path.Combine(version, "bin", "initdb"))));

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(directory => File.Exists(Path.Combine(directory, program)));
}
