using System.ComponentModel;
using System.Diagnostics;

namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>Starts the programs of the distribution's prometheus package.</summary>
internal static class PrometheusPrograms
{
    public static Process Start(string program, IEnumerable<string> arguments)
    {
        var start =
            new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException(
                $"{program} could not be started: {exception.Message}. This test needs it; "
                + "on Debian: apt-get install --no-install-recommends prometheus",
                exception);
        }
    }
}
