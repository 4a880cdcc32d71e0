using System.Text;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Numbers by which a trace is found that has a certain operation: FNV-1a of the name, and of service and name. They are stored, so they
/// never change; what is found by one is looked at before it is shown.
/// </summary>
internal static class OperationHash
{
    private const uint Basis = 2166136261;
    private const uint Prime = 16777619;

    public static int Of(string? service, string operation)
    {
        var hash = Basis;
        if (service is not null)
        {
            hash = Add(hash, service);
            hash = (hash ^ 0) * Prime;
        }

        return (int)Add(hash, operation);
    }

    private static uint Add(uint hash, string text)
    {
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ part) * Prime;
        }

        return hash;
    }
}
