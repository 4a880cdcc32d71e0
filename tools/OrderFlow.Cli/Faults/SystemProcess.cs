namespace OrderFlow.Cli.Faults;

/// <summary>One process of the system.</summary>
/// <param name="Name">Its resource and number.</param>
/// <param name="Identity">Which process it is.</param>
/// <param name="IsHealthy">Whether its resource answered its health checks last time.</param>
internal sealed record SystemProcess(string Name, ProcessIdentity Identity, bool IsHealthy);
