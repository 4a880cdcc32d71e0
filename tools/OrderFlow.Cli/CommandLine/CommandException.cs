namespace OrderFlow.Cli.CommandLine;

/// <summary>A command cannot begin or cannot go on; the message says why and what to do.</summary>
internal sealed class CommandException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The message of the innermost exception, without its full stop: the outer ones only say that something failed.</summary>
    public static string Cause(Exception exception) => exception.GetBaseException().Message.TrimEnd('.');
}
