using System.Text.Json;
using Npgsql;

namespace OrderFlow.Cli.Verification;

/// <summary>Tells that broker or database do not answer, as they must not while a fault is under way, from faults of the tool.</summary>
internal static class SystemTrouble
{
    public static bool Is(Exception exception) =>
        exception is NpgsqlException or HttpRequestException or IOException or TimeoutException or OperationCanceledException or JsonException;
}
