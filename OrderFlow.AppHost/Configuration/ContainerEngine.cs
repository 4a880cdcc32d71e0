using System.ComponentModel;
using System.Diagnostics;

namespace OrderFlow.AppHost.Configuration;

/// <summary>Docker or Podman, if one of them answers.</summary>
internal static class ContainerEngine
{
    /// <summary>What this machine is called in a container that asks for the name.</summary>
    public const string ThisMachine = "host.docker.internal";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Lazy<bool> Found = new(() => Answers("docker") || Answers("podman"));

    /// <summary>True when containers can run here; asked once.</summary>
    public static bool IsThere => Found.Value;

    private static bool Answers(string client)
    {
        try
        {
            // The client alone says nothing: "info" asks the engine.
            using var question =
                Process.Start(
                    new ProcessStartInfo(client, ["info"])
                    {
                        RedirectStandardOutput = true,
                        RedirectStandardError = true,
                        UseShellExecute = false
                    })!;
            question.OutputDataReceived += (_, _) => { };
            question.ErrorDataReceived += (_, _) => { };
            question.BeginOutputReadLine();
            question.BeginErrorReadLine();
            if (question.WaitForExit(Patience))
            {
                return question.ExitCode == 0;
            }

            question.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            // There is no such program.
            return false;
        }
    }
}
