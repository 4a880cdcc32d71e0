namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>What a load is to do.</summary>
/// <param name="Port">Where the Gateway listens on the loopback address.</param>
/// <param name="Seconds">How long orders are offered.</param>
/// <param name="Rate">Orders per second in an open loop; 0 for a closed loop.</param>
/// <param name="Connections">Connections of the closed loop.</param>
/// <param name="InFlight">Most orders of the closed loop between their request and their end.</param>
/// <param name="Ramp">
/// Seconds in which the closed loop comes to that number: all at once they would go through the system as a wave for long.
/// </param>
public sealed record LoadSettings(int Port, double Seconds, int Rate = 0, int Connections = 0, int InFlight = 0, double Ramp = 0);
