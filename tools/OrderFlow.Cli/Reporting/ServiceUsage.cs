using OrderFlow.Cli.Faults.Outage;

namespace OrderFlow.Cli.Reporting;

/// <summary>What a service took of the machine, all its processes together.</summary>
/// <param name="Service">The service.</param>
/// <param name="MemoryMegabytes">Resident, when the Monitor was killed, when it came back, and at the end of the load.</param>
/// <param name="LogKilobytesPerSecond">What it wrote to its log before, while the Monitor was away, and after.</param>
internal sealed record ServiceUsage(string Service, IReadOnlyList<double> MemoryMegabytes, IReadOnlyList<double> LogKilobytesPerSecond)
{
    public static IReadOnlyList<ServiceUsage> Of(IReadOnlyList<ResourceUsage> usage, TimeProvider time)
    {
        return
        [
            .. from service in usage[0].Services.Keys
               select new ServiceUsage(
                   service,
                   [.. usage.Skip(1).Select(one => Math.Round(one.Services[service].Memory / 1e6, 1))],
                   [.. usage.Zip(usage.Skip(1), (earlier, later) => LogRate(service, earlier, later))]),
        ];

        double LogRate(string service, ResourceUsage earlier, ResourceUsage later)
        {
            var kilobytes = (later.Services[service].Log - earlier.Services[service].Log) / 1e3;
            return Math.Round(kilobytes / time.GetElapsedTime(earlier.At, later.At).TotalSeconds, 1);
        }
    }
}
