using System.Text.Json;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Cli.Connections;

/// <summary>Separates errors that pass, because a part of the system is down for a while, from errors of the tool itself.</summary>
internal static class TransientErrors
{
    /// <summary>Whether an error of the broker's client may pass when the tool connects again.</summary>
    public static bool OfBroker(Exception exception) =>
        exception is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Whether the management API or a database did not answer, as is expected while a fault is under way.</summary>
    public static bool OfSystem(Exception exception) =>
        exception is NpgsqlException or HttpRequestException or JsonException
            or IOException or TimeoutException or OperationCanceledException;
}
