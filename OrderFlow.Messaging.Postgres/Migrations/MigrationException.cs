namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>A schema that cannot be upgraded by waiting: someone must decide.</summary>
public sealed class MigrationException(string message, Exception? innerException = null) : Exception(message, innerException);
