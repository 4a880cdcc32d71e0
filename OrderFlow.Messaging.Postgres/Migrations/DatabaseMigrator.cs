using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>
/// Brings the database up to date while the service starts, waiting for the database as long as it takes: the service
/// answers its health checks meanwhile. A schema that waiting cannot mend ends the service with a clear error.
/// </summary>
internal sealed class DatabaseMigrator(
    MigrationRunner runner,
    IEnumerable<MigrationSet> sets,
    TimeProvider time,
    ILogger<DatabaseMigrator> logger) : BackgroundService, ISchema
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether every migration is applied.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Waits until every migration is applied.</summary>
    /// <exception cref="MigrationException">That will not happen.</exception>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) =>
        _ready.Task.IsCompletedSuccessfully ? Task.CompletedTask : _ready.Task.WaitAsync(cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var set in sets)
            {
                await RunWhenReachableAsync(set, stoppingToken);
            }

            _ready.SetResult();
        }
        catch (Exception exception)
        {
            _ready.TrySetException(exception);
            // Nobody may be waiting for it; the host learns of it by the throw.
            _ = _ready.Task.Exception;
            throw;
        }
    }

    private async Task RunWhenReachableAsync(MigrationSet set, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(time);
        var reminder = new LogThrottle(time, TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await runner.RunAsync(set, cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && MayCome(exception))
            {
                if (reminder.IsDue())
                {
                    Log.WaitingForDatabase(logger, set.Scope, exception.Message);
                }
            }

            await backoff.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Not there yet, as a server is while it starts and a database before it is created.</summary>
    private static bool MayCome(Exception exception) =>
        DatabaseFault.IsTransient(exception) || exception is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName };
}
