namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>Says when the service's tables are there.</summary>
public interface ISchema
{
    /// <summary>Waits until every migration is applied.</summary>
    /// <exception cref="MigrationException">That will not happen.</exception>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken);
}
