using System.CommandLine;

namespace OrderFlow.Cli.CommandLine;

/// <summary>A command with a description of one line; its own help adds the details and the exit codes.</summary>
internal sealed class ToolCommand(string name, string description) : Command(name, description)
{
    private readonly List<(int Code, string Meaning)> _exitCodes = [];

    /// <summary>What the description does not say, for the command's own help.</summary>
    public string Details { get; set; } = "";

    public IReadOnlyList<(int Code, string Meaning)> ExitCodes => _exitCodes;

    /// <summary>Lists an exit code in the help.</summary>
    public void AddExitCode(int code, string meaning) => _exitCodes.Add((code, meaning));
}
