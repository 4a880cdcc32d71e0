using System.CommandLine;

namespace OrderFlow.Cli.Connections;

/// <summary>The option that names the broker of a running system.</summary>
internal static class BrokerOption
{
    public static readonly Option<string?> Broker = new("--broker")
    {
        Description =
            $"AMQP URI of the broker. Default: {RunningSystem.BrokerVariable}, else {ConnectionFile.RelativePath} of a running system.",
        HelpName = "uri",
    };
}
