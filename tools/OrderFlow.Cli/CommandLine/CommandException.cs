namespace OrderFlow.Cli.CommandLine;

/// <summary>The run cannot begin; the message says why and what to do.</summary>
internal sealed class CommandException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The innermost reason, without its full stop: the outer ones only say that something failed.</summary>
    public static string Cause(Exception exception) => exception.GetBaseException().Message.TrimEnd('.');
}
