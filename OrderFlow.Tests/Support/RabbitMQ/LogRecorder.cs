using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>Keeps log lines with the scopes around them.</summary>
internal sealed class LogRecorder : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<LogLine> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Recorder(LogRecorder owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => owner._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scope = new Dictionary<string, string?>(StringComparer.Ordinal);
            owner._scopes.ForEachScope(
                static (found, values) =>
                {
                    foreach (var (name, value) in found as IEnumerable<KeyValuePair<string, object?>> ?? [])
                    {
                        values[name] = value?.ToString();
                    }
                },
                scope);
            owner.Lines.Enqueue(new LogLine(category, logLevel, eventId.Id, formatter(state, exception), scope));
        }
    }
}

internal sealed record LogLine(string Category, LogLevel Level, int EventId, string Message, IReadOnlyDictionary<string, string?> Scope);
