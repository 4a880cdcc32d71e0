using Microsoft.Extensions.Logging;

namespace OrderFlow.Hosting.Running;

/// <summary>Shows what the AppHost itself logs in the same form as everything else on the console.</summary>
internal sealed class HostLogging(ConsoleReport report) : ILoggerProvider
{
    private const string Name = "apphost";

    public ILogger CreateLogger(string categoryName) => new Logger(report);

    public void Dispose()
    {
        // There is nothing to let go of: the report belongs to the engine.
    }

    private sealed class Logger(ConsoleReport report) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
            if (logLevel >= LogLevel.Warning)
            {
                report.Problem(Name, line);
            }
            else
            {
                report.State(Name, line);
            }
        }
    }
}
